"""How answers are called, where a call alone does not show what they do."""


def play(call):
    """What an account holds after each step: some money in where it is above 0, or else out."""
    account, balances = call.answer(), []
    for amount in call.inputs["amounts"]:
        if amount > 0:
            account.deposit(amount)
        else:
            account.withdraw(-amount)
        balances.append(account.balance)
    return {"balances": balances}


def as_lines(call):
    """A list of words as a text, a word a line; and what became of the list that was given."""
    words = call.run(call.answer, call.inputs)
    if not isinstance(words, list):
        raise TypeError(f"a list is to be returned, and not a value of type {type(words).__name__}")
    return {"words": "\n".join(words), "given": "\n".join(call.inputs["words"])}
