"""The Streamlit app: one page per file, over saved runs and background jobs.

``frame`` lays out what is around every page, ``pages`` lists them and links to them, ``state``
keeps the view in the URL, ``components`` and ``charts`` hold what they share, ``tables`` and
``feature_pairs`` shape tables, ``texts`` makes texts from the data safe to show, ``intake`` takes
uploads in, ``progress`` shows background jobs.
"""
