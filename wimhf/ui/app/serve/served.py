"""The app as ``wimhf app`` serves it: Streamlit's, with a door before all of it."""

import os
from pathlib import Path

from starlette.middleware import Middleware
from streamlit.starlette import App

from wimhf.ui.app.serve.door import Door, Doorkeeper

app = App(
    Path(__file__).with_name("entry.py"),
    middleware=[Middleware(Doorkeeper, door=Door.of(os.environ))],
)
