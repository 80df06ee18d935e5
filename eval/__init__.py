"""Evaluation: question sets → answers → scores with intervals → report, comparison, gate.

python -m eval run --questions FILE.jsonl --index DIR --output DIR
"""
