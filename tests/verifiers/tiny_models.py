"""Models of a few KB, made here: random ones, and ones whose weights are set by hand so that the outcome is known.

The hand-set ones look for two words. "ok" anywhere in the input is support, "bad" is contradiction (pairs), or a
token that is unsupported unless "ok" stands anywhere in the input (tokens).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

WORDS = ["the", "dose", "is", "not", "40", "mg", "court", "ok", "bad", "maybe", ".", ",", "predict", ":", "passage"]
SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789?!-\"'()"
SIZE = 8  # of a hidden state
# Rows of a Hadamard matrix: mean 0, variance 1 (so layer norms keep them), at right angles to one another.
PLAIN = [1, -1, 1, -1, 1, -1, 1, -1]
OK = [1, 1, -1, -1, 1, 1, -1, -1]
BAD = [1, 1, 1, 1, -1, -1, -1, -1]


def words_tokenizer(kind: str = "bert", longest: int = 64) -> Any:
    """WordPiece over a few words and all letters; `kind` "t5" puts "</s>" after a text and has no pairs of its own."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<unk>", "</s>"] if kind == "t5" else ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    entries = [*special, *WORDS, *SIGNS, *(f"##{c}" for c in SIGNS)]
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(entries))}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token=special[1]))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if kind == "t5":
        made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
        names = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    else:
        made.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=longest, **names)


def bytes_tokenizer(longest: int = 512) -> Any:
    """One token per byte, as the vocabularies of RoBERTa and ModernBERT fall back to: a sign may be many tokens."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    entries = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    made = Tokenizer(models.BPE({word: i for i, word in enumerate(entries)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=longest, **names)


def bert_config(tokenizer: Any, labels: Sequence[str], **fields: Any) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(tokenizer), num_hidden_layers=1, num_attention_heads=1, pad_token_id=0,
        max_position_embeddings=tokenizer.model_max_length, id2label=dict(enumerate(labels)),
        label2id={name: i for i, name in enumerate(labels)},
        **{"hidden_size": SIZE, "intermediate_size": SIZE, **fields},
    )  # fmt: skip


def save(folder: Path, model: Any, tokenizer: Any) -> str:
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)


def random_pairs(folder: Path, labels: Sequence[str], **fields: Any) -> str:
    """A pair classifier with random weights, large enough that inputs differ."""
    import torch
    from transformers import BertForSequenceClassification

    tokenizer = words_tokenizer(longest=fields.pop("longest", 64))
    torch.manual_seed(7)
    config = bert_config(tokenizer, labels, initializer_range=1.0, **fields)
    return save(folder, BertForSequenceClassification(config), tokenizer)


def known_pairs(folder: Path, labels: Sequence[str], longest: int = 64) -> str:
    """A pair classifier: "ok" is the label of support, "bad" that of contradiction, neither is the other one.

    `labels` are its outputs in order; names that begin with "e" or "s" mean support, with "c" contradiction.
    """
    import torch
    from transformers import BertForSequenceClassification

    tokenizer = words_tokenizer(longest=longest)
    model = BertForSequenceClassification(bert_config(tokenizer, labels))
    with torch.no_grad():
        _attend_to(model.bert, tokenizer, [OK, BAD])
        model.bert.pooler.dense.weight.copy_(torch.eye(SIZE))
        model.bert.pooler.dense.bias.zero_()
        wanted = {"e": OK, "s": OK, "c": BAD}
        rows = [torch.tensor(wanted.get(name[0], PLAIN), dtype=torch.float) for name in labels]
        if len(labels) == 1:
            rows = [torch.tensor(OK, dtype=torch.float) - torch.tensor(PLAIN, dtype=torch.float)]
        model.classifier.weight.copy_(torch.stack(rows))
        model.classifier.bias.zero_()
    return save(folder, model, tokenizer)


def known_tokens(folder: Path, labels: Sequence[str] = ("supported", "hallucinated"), longest: int = 96) -> str:
    """A token classifier: a token "bad" is unsupported unless "ok" stands somewhere in the input."""
    import torch
    from transformers import BertForTokenClassification

    tokenizer = words_tokenizer(longest=longest)
    model = BertForTokenClassification(bert_config(tokenizer, labels))
    with torch.no_grad():
        _attend_to(model.bert, tokenizer, [OK], weight=1)
        row = torch.tensor(BAD, dtype=torch.float) - 3 * torch.tensor(OK, dtype=torch.float)
        sign = [-1.0 if name[0] == "s" else 1.0 for name in labels]
        model.classifier.weight.copy_(torch.stack([s * row for s in sign]))
        model.classifier.bias.copy_(torch.tensor([-s * 4.0 for s in sign]))
    return save(folder, model, tokenizer)


def byte_tokens(folder: Path) -> str:
    """A token classifier over bytes, with random weights."""
    import torch
    from transformers import BertForTokenClassification

    tokenizer = bytes_tokenizer()
    torch.manual_seed(3)
    config = bert_config(tokenizer, ("supported", "hallucinated"), initializer_range=1.0)
    return save(folder, BertForTokenClassification(config), tokenizer)


def random_t5(folder: Path) -> str:
    """An encoder-decoder with random weights."""
    import torch
    from transformers import T5Config, T5ForConditionalGeneration

    tokenizer = words_tokenizer("t5", longest=512)
    torch.manual_seed(5)
    config = T5Config(
        vocab_size=len(tokenizer), d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2, pad_token_id=0,
        eos_token_id=2, decoder_start_token_id=0, initializer_factor=1.0,
    )  # fmt: skip
    return save(folder, T5ForConditionalGeneration(config), tokenizer)


def _attend_to(bert: Any, tokenizer: Any, patterns: Sequence[Sequence[int]], weight: int = 4) -> None:
    """Every token looks at the tokens with one of `patterns` where there are any, and adds what it sees to itself,
    times `weight`."""
    import torch

    embeddings = bert.embeddings
    embeddings.word_embeddings.weight.copy_(torch.tensor([PLAIN] * len(tokenizer), dtype=torch.float))
    for word, pattern in (("ok", OK), ("bad", BAD)):
        embeddings.word_embeddings.weight[tokenizer.convert_tokens_to_ids(word)] = torch.tensor(
            pattern, dtype=torch.float
        )
    embeddings.position_embeddings.weight.zero_()
    embeddings.token_type_embeddings.weight.zero_()
    layer = bert.encoder.layer[0]
    attention = layer.attention.self
    for part in (attention.query, attention.key, attention.value, layer.attention.output.dense):
        part.weight.zero_()
        part.bias.zero_()
    attention.query.bias[0] = 10.0
    attention.key.weight[0] = sum(torch.tensor(p, dtype=torch.float) for p in patterns)
    attention.value.weight.copy_(torch.eye(SIZE))
    layer.attention.output.dense.weight.copy_(weight * torch.eye(SIZE))
    for part in (layer.intermediate.dense, layer.output.dense):
        part.weight.zero_()
        part.bias.zero_()
