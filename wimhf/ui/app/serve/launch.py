"""Streamlit's own command line, without the question to a web site for this machine's address."""

from streamlit import net_util
from streamlit.web import cli

from wimhf.ui.app.serve import warming

if __name__ == "__main__":
    # asked for where a stranger's page calls the app, to compare that page's address with it
    net_util.get_external_ip = lambda: None
    warming.begin()
    cli.main()
