"""The Streamlit app: one page per file in ``pages``, over saved runs and background jobs.

``frame`` lays out what is around every page, ``page_list`` lists them and links to them,
``chosen_run`` keeps the view in the URL, ``components``, ``chart_parts`` and ``run_charts`` hold
what they share, ``run_rows`` and ``feature_pairs`` shape features and their pairs, ``safe_html``
makes texts from the data safe to show, ``intake`` takes uploads in, ``jobs_panel`` shows jobs.

Repairing: ``editing`` opens a run for editing and shows who signs, ``rule_draft`` holds a rule
being built, ``rule_form``, ``rule_fields`` and ``rule_action`` its form, ``preview_rows`` shapes a
preview, ``history_panel`` shows the log, ``suspect_queue`` the queue, ``export_rows`` what an
export would write; ``raters_panel`` says how far people agree with it, ``health_mends`` what mends
data. A feature: ``feature_head``, ``feature_figures``, ``feature_codes``, ``feature_actions``;
``naming_form`` names them with a language model. Exploring: ``explore_filters``, ``explore_map``,
``pair_rows``, ``pair_charts``, ``opened_pair``, ``pair_view``.

Concepts: ``concept_rows`` lists them, ``concept_card`` shows one, ``check_queue`` says which pair
is asked about next, ``add_words``, ``add_pairs`` and ``add_question`` add one, ``concept_names``
asks what it is called, ``change_result`` says what became of it. ``serve`` holds what is served.
"""
