-- Who may do what. Run after every migration, because new tables start without rights.
grant usage on schema ledger, journal, lists, wolverine to treasury_app;
grant usage on schema ledger, journal, lists to treasury_reader;

-- The journal can be added to, and nothing else.
grant select, insert on ledger.entries, ledger.texts, journal.mt_events to treasury_app;
-- So is its narrow form, though it is derived: rows are made anew by the owner's `rebuild` alone.
grant select, insert on ledger.narrow to treasury_app;
grant execute on function ledger.drop_narrow_beyond(text, text) to treasury_app;
-- Whose rows it is about, and what is told of all tenants together.
grant execute on procedure ledger.for_tenant(text) to treasury_app, treasury_reader;
grant execute on function ledger.every_journal(boolean), ledger.every_head() to treasury_app, treasury_reader;
grant execute on function ledger.every_journal_behind(), ledger.every_tenant(), ledger.shown_key(text),
    ledger.every_webhook_due(bigint), ledger.webhook_totals(),
    ledger.every_payload_waiting(integer) to treasury_app;
grant select, insert, update (position, recorded_at, hash, replayed, settled_at) on ledger.heads to treasury_app;
grant select, insert, update (version, timestamp) on journal.mt_streams to treasury_app;
grant select, insert, delete on ledger.writer_checkpoints to treasury_app;
grant select on ledger.api_keys, ledger.cursor_keys, ledger.identity to treasury_app;
-- Keys are made, approved by another person, used and revoked; a trigger holds what that may change.
grant insert, update (approved_by, approved_at, revoked_at, revoked_by, expires_at)
    on ledger.api_keys to treasury_app;
-- Webhooks are removed by saying so; where they lead never changes. Their log forgets what is old.
grant select, insert, update (secret, secret_key, previous_secret, previous_secret_key, previous_until, position,
    generation, attempts, failures,
    failing_since, next_at, paused_at, paused_because, removed_at, removed_by) on ledger.webhooks to treasury_app;
grant select, insert, delete on ledger.webhook_deliveries to treasury_app;
-- Who asked for what is added to, and nothing else.
grant select, insert on ledger.access_log to treasury_app;
-- A tenant is assigned once and never moved.
grant select, insert on ledger.tenants to treasury_app;
-- Derived from the journal, and never another than it was: there is nothing to update.
grant select, insert on ledger.subtrees to treasury_app;
-- What was received is kept as it was; the list of what waits is the only one that gets shorter.
grant select, insert on ledger.sources, ledger.payloads, ledger.payload_parts, ledger.payload_rows, ledger.payload_runs,
    ledger.tellings, ledger.break_steps, ledger.fill_spans to treasury_app;
grant select, insert, delete on ledger.payloads_waiting to treasury_app;
grant select on ledger.node_secret to treasury_app;
grant usage on all sequences in schema journal, wolverine to treasury_app;
grant execute on all functions in schema journal, wolverine to treasury_app;

grant select on ledger.writer_checkpoints to treasury_reader;
grant select on ledger.heads, ledger.entries, ledger.texts, ledger.narrow to treasury_reader;
grant select on ledger.subtrees to treasury_reader;
grant select on ledger.sources, ledger.payloads, ledger.payload_parts, ledger.payload_rows, ledger.payload_runs,
    ledger.tellings, ledger.break_steps, ledger.fill_spans to treasury_reader;
grant select on all tables in schema journal to treasury_reader;

grant select on lists.progress, lists.entries, lists.movements, lists.prices to treasury_reader;

-- What is derived from the journal (progress of projections, read models) and messages on their way can change.
do $grants$
declare
    derived regclass;
begin
    for derived in
        select c.oid::regclass
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p')
          and (n.nspname in ('lists', 'wolverine')
               or (n.nspname = 'journal' and c.relname not in ('mt_events', 'mt_streams')))
    loop
        execute format('grant select, insert, update, delete on %s to treasury_app', derived);
    end loop;
end
$grants$;
