from grading.judging.written import misconception


@misconception(
    "bank-account",
    "overdrafts are paid",
    loses=("no overdraft",),
    hint="What does the account hold after 5 in and 20 out?",
    says="20",
)
class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        self.balance += amount

    def withdraw(self, amount):
        self.balance -= amount
