"""Sources of the families that list several answers, or one answer a row, as they are published."""

from __future__ import annotations

from typing import Any

from tests.family_rows import turns

Row = dict[str, Any]
NECTAR: Row = {
    "prompt": "\n\nHuman: q\n\nAssistant: ",
    "answers": [
        {"answer": "x", "model": "gpt-4", "rank": 1.0},
        {"answer": "y", "model": "llama", "rank": 2.0},
        {"answer": "z", "model": "dolly", "rank": 3.0},
    ],
    "turns": 1, "num_responses": 3, "source": ["sharegpt"], "good_natured": True,
}  # fmt: skip
DISTILABEL: Row = {
    "instruction": "q", "generations": ["x", "y"], "ratings": [5.0, 2.0],
    "rationales": ["clear", "vague"], "generation_models": ["m1", "m2"], "model_name": "judge",
}  # fmt: skip
COMPLETIONS: Row = {
    "source": "evol_instruct", "instruction": "q", "models": ["m1", "m2"],
    "completions": [
        {"model": "m1", "response": "x", "overall_score": 8.5, "critique": "good"},
        {"model": "m2", "response": "y", "overall_score": 4.0, "critique": "bad"},
    ],
}  # fmt: skip
STACK: Row = {
    "qid": 7, "question": "How?", "date": "2020/1/1",
    "answers": [
        {"answer_id": 1, "author": "a", "pm_score": 3, "selected": True, "text": "x"},
        {"answer_id": 2, "author": "b", "pm_score": 1, "selected": False, "text": "y"},
    ],
}  # fmt: skip
NEMO_RL: Row = {
    "context": turns("q"),
    "completions": [
        {"rank": 0, "completion": [{"role": "assistant", "content": "x"}]},
        {"rank": 1, "completion": [{"role": "assistant", "content": "y"}]},
    ],
}  # fmt: skip
RANKING: Row = {"prompt": "q", "responses": ["x", "y", "z"], "ranking": [2, 1, 3]}
BEST_FIRST: Row = {"instruction": "q", "input": "", "output": ["x", "y"]}
NUMBERED: Row = {
    "question": "q", "response_1": "x", "response_2": "y", "response_3": "z",
    "scores": [0.0, 1.0, 0.5],
}  # fmt: skip
STRUCT: Row = {"prompt": "q", "answers": {"text": ["x", "y"], "score": [3, 1]}}
RM_BENCH: Row = {
    "id": 1, "prompt": "q", "chosen": ["x1", "x2", "x3"], "rejected": ["y1", "y2", "y3"],
    "domain": "chat",
}  # fmt: skip
REWARD_BENCH_2: Row = {
    "id": "1", "prompt": "q", "chosen": ["x"], "rejected": ["y1", "y2", "y3"], "subset": "Math",
    "num_correct": 1, "num_incorrect": 3,
}  # fmt: skip
ONE_EACH: Row = {"prompt": "q", "chosen": ["x"], "rejected": ["y"]}
HELPSTEER: list[Row] = [
    {"prompt": "q", "response": text, "helpfulness": rating, "correctness": 4, "verbosity": 1}
    for text, rating in (("x", 4), ("y", 1))
]  # fmt: skip
OASST_ROWS: list[Row] = [
    {"message_id": name, "parent_id": parent, "message_tree_id": "t", "text": text, "role": role,
     "rank": rank, "lang": "en"}
    for name, parent, text, role, rank in (
        ("m", None, "q", "prompter", None), ("a", "m", "x", "assistant", 0.0),
        ("b", "m", "y", "assistant", 1.0),
    )
]  # fmt: skip
OASST_TREE: Row = {
    "message_tree_id": "t", "tree_state": "ready_for_export",
    "prompt": {
        "text": "q", "role": "prompter", "lang": "en", "replies": [
            {"text": "x", "role": "assistant", "rank": 0, "replies": [
                {"text": "more?", "role": "prompter", "replies": [
                    {"text": "u", "role": "assistant", "rank": 1, "replies": []},
                    {"text": "v", "role": "assistant", "rank": 0, "replies": []},
                ]},
            ]},
            {"text": "y", "role": "assistant", "rank": 1, "replies": []},
        ],
    },
}  # fmt: skip
SWIFT: Row = {"messages": turns("q", "x"), "rejected_response": "y"}
SWIFT_BOTH: Row = {"messages": turns("q", "x"), "rejected_messages": turns("q", "y")}
PICKED: Row = {"prompt": "q", "responses": ["x", "y"], "chosen": 0}
PICKED_NAME: Row = {"prompt": "q", "responses": {"gpt": "x", "llama": "y"}, "winner": "gpt"}
WIDE: Row = {
    "prompt": "q", "response_1": "x", "response_2": "y", "response_3": "z", "score_1": 1.0,
    "score_2": 0.0, "score_3": 0.5,
}  # fmt: skip
SOURCES: dict[str, tuple[str, list[Row]]] = {
    "nectar": ("answers", [NECTAR]),
    "distilabel": ("answers", [DISTILABEL]),
    "ultrafeedback completions": ("answers", [COMPLETIONS]),
    "stack exchange": ("answers", [STACK]),
    "nemo-rl": ("answers", [NEMO_RL]),
    "ranking": ("answers", [RANKING]),
    "output best first": ("answers", [BEST_FIRST]),
    "numbered": ("answers", [NUMBERED]),
    "struct of lists": ("answers", [STRUCT]),
    "rm-bench": ("lists-apart", [RM_BENCH]),
    "reward-bench 2": ("lists-apart", [REWARD_BENCH_2]),
    "one each": ("lists-apart", [ONE_EACH]),
    "helpsteer": ("one-a-row", HELPSTEER),
    "oasst rows": ("oasst", OASST_ROWS),
    "oasst tree": ("oasst", [OASST_TREE]),
    "picked": ("picked", [PICKED, PICKED | {"prompt": "p", "chosen": 1}]),
    "picked by name": ("picked", [PICKED_NAME]),
    "wide": ("answers", [WIDE]),
    "ms-swift": ("ms-swift", [SWIFT]),
    "ms-swift both": ("ms-swift", [SWIFT_BOTH]),
}
"""A name for the source, the family's name, rows as the container gives them."""
