class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        self.balance += amount

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(f"amount {amount} is more than the balance, {self.balance}")
        self.balance -= amount


def by_length(words):
    return sorted(words, key=lambda word: (len(word), word))
