"""The app's entry, which Streamlit runs anew at every change of the page."""

import streamlit as st

from wimhf.ui.app.serve import warming

frame = warming.frame()
st.set_page_config(page_title="WIMHF", page_icon=frame.ICON, layout="wide")
page = st.navigation(frame.all_pages(), position="hidden")
frame.run(page)
