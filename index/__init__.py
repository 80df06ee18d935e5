"""Documents → passages → searchable index → retrieved passages, in French, English and Japanese.

Knows nothing of language models. Start with `index.build.build` and `index.retriever.Retriever`; on the command line,
`python -m index --help`.
"""
