"""The Streamlit app: one page per file, over saved runs and background jobs.

``frame`` lays out what is around every page, ``pages`` lists them and links to them, ``state``
keeps the view in the URL, ``components`` and ``charts`` hold what they share, ``tables`` and
``feature_pairs`` shape tables, ``texts`` makes texts from the data safe to show, ``intake`` takes
uploads in, ``progress`` shows background jobs.

Repairing: ``curating`` opens a run for editing and shows who signs, ``drafting`` holds a rule being
built and ``rule_form`` its form, ``foreseen`` shapes a preview, ``history`` shows the log,
``suspect_queue`` the queue, ``exports`` what an export would write; ``owning`` names features.
Exploring: ``explore_filters``, ``explore_charts``, ``opened_pair``, ``pair_tables``, ``pair_view``.
"""
