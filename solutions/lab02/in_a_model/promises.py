"""What the texts of 04_in_a_model promise, and the aspects that ask for it."""

COST, MISSING = "the cost", "fields that are missing"

PROMISES = {
    "bits-per-token": {
        "What a text costs a language model, in bits a token.": (COST,),
        "The softmax of row i gives each token of the vocabulary its chance to stand at position "
        "i + 1.": (COST,),
        "A token that had the chance p costs -log2(p) bits.": (COST,),
        "The inputs are left as they are.": ("inputs unchanged",),
        "logits: float array of shape (n, vocabulary), scores of any size.": ("large scores",),
        "tokens: int array of shape (n,), the tokens of the text, n at least 2.": (COST,),
        "The mean cost of the tokens at positions 1 to n - 1, a float.": (COST, "a float"),
        "It is finite even where a chance is too small to be a float.": ("unlikely tokens",),
    },
    "cache-bytes": {
        "Bytes that the keys and values of a text take in the cache, over all layers.": (
            "full attention",
        ),
        "A layer keeps a key and a value for each position that it can still see, and for each of "
        "its key-value heads.": ("full attention", "layers with a window"),
        "config: dict with fields of a config.json. num_hidden_layers, num_attention_heads, "
        "num_key_value_heads, hidden_size: ints.": (
            "full attention",
            MISSING,
        ),
        "head_dim: numbers of a key, and of a value.": (MISSING,),
        "If it is missing, it is hidden_size // num_attention_heads.": (MISSING,),
        "sliding_window: positions that a layer with a window sees, the newest included, or "
        "None.": ("layers with a window", "full attention"),
        'layer_types: a list, "full_attention" or "sliding_attention" for each layer.': (
            "layers with a window",
        ),
        "If it is missing, all layers have the window, or full attention if sliding_window is "
        "None.": (MISSING,),
        'torch_dtype: "float32" (4 bytes a number), "float16" or "bfloat16" (2 bytes).': (
            "the size of a number",
        ),
        "length: number of positions of the text, from 1 to a million.": ("layers with a window",),
        "The number of bytes, an int.": ("an int",),
    },
    "stack-reach": {
        "Number of input positions that the last output of a text can depend on.": (
            "windows alone",
        ),
        "config: dict with num_hidden_layers, sliding_window and perhaps layer_types, as for "
        "cache_bytes.": ("windows alone", "with full attention"),
        "length: number of positions of the text, from 1 to a million.": ("windows alone",),
        "The number of positions, the last one included, an int.": ("windows alone", "an int"),
        "It is never above length.": ("windows alone",),
    },
}
