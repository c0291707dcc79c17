"""Features in words by a language model behind any OpenAI-compatible server."""

from wimhf.describe.llm.describer import LlmDescribed, describe_with_llm, estimate

__all__ = ["LlmDescribed", "describe_with_llm", "estimate"]
