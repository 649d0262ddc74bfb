"""Loads each file that is named with beancount; prints its errors and the cost at 10^-18 that beancount gave each disposal."""
import collections
import decimal
import json
import sys

from beancount import loader
from beancount.core import data

# Histories here have quantities of more than 80 digits; beancount by itself calculates with 28.
decimal.getcontext().prec = 300

results = []
for path in sys.argv[1:]:
    entries, errors, _ = loader.load_file(path)
    cost = collections.defaultdict(int)
    for transaction in (entry for entry in entries if isinstance(entry, data.Transaction)):
        for posting in transaction.postings:
            if posting.meta and "disposal" in posting.meta:
                cost[posting.meta["disposal"]] -= posting.units.number * posting.cost.number
    results.append({
        "errors": [error.message.split("\n")[0] for error in errors],
        "cost": {name: str(int(value * 10**18)) for name, value in cost.items()},
    })
print(json.dumps(results))
