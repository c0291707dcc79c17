"""The Streamlit app's entry: `wimhf app`, or `streamlit run app.py` in the checkout."""

import streamlit as st

from wimhf.app import frame

st.set_page_config(page_title="WIMHF", page_icon=frame.ICON, layout="wide")
page = st.navigation(frame.all_pages(), position="hidden")
frame.run(page)
