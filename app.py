"""The Streamlit app in the checkout: `streamlit run app.py`; see wimhf/ui/app/serve/entry.py."""

import runpy

runpy.run_module("wimhf.ui.app.serve.entry")
