"""What is served.

It lies apart from ``pages``: beside a folder of that name Streamlit shows the first visitor its
files by themselves, without the frame.
"""
