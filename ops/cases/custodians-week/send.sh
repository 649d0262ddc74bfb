#!/bin/sh
# Sends the week to a running server: what stood before it, and then everything twice, in an order by chance. KEY is a
# key of the API. A second run adds nothing.
set -eu
url=${1:-http://127.0.0.1:5080}
treasury=$url/v1/treasuries/custodians-week
cd "$(dirname "$0")"

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# Says nothing unless it is refused, and then why.
send() {
  curl -sS --fail-with-body -o "$answer" "$@" || { cat "$answer" >&2; exit 1; }
}

call() {
  send -H "Authorization: Bearer $KEY" "$@"
}

echo "what stood on 31 January"
call -X POST -H "Content-Type: application/json" -H "Idempotency-Key: before" --data-binary @before.json \
  "$treasury/batches"
for source in fireblocks binance desk; do
  call -X PUT -H "Content-Type: application/json" --data-binary "@$source.json" "$treasury/sources/$source"
done

# A message has its own signature and no key of ours; what cannot be recorded at once is recorded a little later.
tellings() {
  cat fireblocks-messages.tsv
  printf 'file\t%s\n' binance-trades.csv binance-deposits.csv binance-withdrawals.csv desk.csv
}

echo "the week, twice and shuffled"
{ tellings; tellings; } | shuf | while IFS="$(printf '\t')" read -r signature told; do
  if [ "$signature" = file ]; then
    call -X POST -H "Content-Type: text/csv" --data-binary "@$told" "$treasury/sources/${told%%[-.]*}/imports?name=$told"
  else
    printf '%s' "$told" | send -H "Content-Type: application/json" \
      -H "Fireblocks-Webhook-Signature: $signature" --data-binary @- \
      "$url/v1/messages/fireblocks/${TENANT:-default}/custodians-week/fireblocks"
  fi
done

echo "the custodian's list and both statements"
call -X POST -H "Content-Type: application/json" --data-binary @fireblocks-transactions.json \
  "$treasury/sources/fireblocks/imports?name=fireblocks-transactions.json"
for statement in binance fireblocks; do
  call -X POST -H "Content-Type: application/json" --data-binary "@$statement-statement.json" \
    "$treasury/reconciliations"
done
