"""What `wimhf app` gives to Streamlit where it is installed; app.py in the checkout is the same."""

import streamlit as st

from wimhf.app import frame

st.set_page_config(page_title="WIMHF", page_icon=frame.ICON, layout="wide")
page = st.navigation(frame.all_pages(), position="hidden")
frame.run(page)
