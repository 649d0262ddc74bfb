namespace TreasuryLedger.Server.Tests.Periods;

/// <summary>What somebody with the login of the program could try to put into a period that is sealed.</summary>
internal static class SqlAttempts
{
    private const string Columns = "tenant, journal, position, idempotency_key, payload_hash, fact_id, event_type, "
        + "effective_at, recorded_at, voids, hash";

    private const string Head = "update ledger.heads set ";

    /// <summary>Statements on the treasury of a tenant whose entries 1 to 15 are sealed.</summary>
    public static IEnumerable<string> Of(string tenant)
    {
        var of = $"tenant = '{tenant}' and journal = 'treasury/acme'";
        var events = $"tenant_id = '{tenant}' and stream_id = 'treasury/acme'";
        foreach (var table in new[] { "ledger.entries", "ledger.narrow", "ledger.texts", "journal.mt_events" })
        {
            yield return $"delete from {table}";
            yield return $"truncate {table}";
            yield return $"alter table {table} disable trigger all";
        }

        yield return $"update ledger.entries set effective_at = '2026-01-10' where {of}";
        yield return $"update ledger.entries set event_type = 'fee_paid_v1' where {of} and position in (14, 15)";
        yield return $"update ledger.narrow set body = body where {of}";
        yield return $"update journal.mt_events set data = data where {events}";
        yield return $"update journal.mt_events set version = version + 100 where {events} and version > 13";
        yield return $"update journal.mt_streams set is_archived = true where tenant_id = '{tenant}'";
        foreach (var position in Enumerable.Range(12, 4))
        {
            // Positions before the seal are taken, in the store and in the chain.
            yield return
                $"""
                insert into ledger.entries ({Columns})
                select tenant, journal, {position}, 'forged', payload_hash, 'forged', 'fee_paid_v1', '2026-01-10',
                recorded_at, null, hash from ledger.entries where {of} and position = 12
                """;
            yield return
                $"""
                insert into journal.mt_events
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, is_archived)
                select nextval('journal.mt_events_sequence'), gen_random_uuid(), stream_id, {position}, data, type,
                timestamp, tenant_id, false from journal.mt_events where {events} and version = 12
                """;
        }

        foreach (var position in new[] { 0, -1 })
        {
            yield return
                $"""
                insert into ledger.entries ({Columns})
                select tenant, journal, {position}, 'forged', payload_hash, 'forged', 'fee_paid_v1', '2026-01-10',
                recorded_at, null, hash from ledger.entries where {of} and position = 12
                """;
        }

        // Who asked to reopen it, and who sealed it, do so themselves; or somebody does whom nobody asked.
        foreach (var (actor, request) in new[] { ("tester", "version"), ("bob", "version"), ("cid", "null") })
        {
            yield return
                $"""
                insert into journal.mt_events
                (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, is_archived)
                select nextval('journal.mt_events_sequence'), gen_random_uuid(), stream_id, 9999, data
                || jsonb_build_object('actor', '{actor}', 'type', 'period_reopened_v1', 'event',
                (data->'event') || jsonb_build_object('closing', 17, 'request', {request})),
                'period_reopened_v1', timestamp, tenant_id, false from journal.mt_events
                where {events} and type = 'reopening_requested_v1' order by version desc limit 1
                """;
        }

        yield return $"{Head} position = 13 where {of}";
        yield return $"{Head} recorded_at = '2026-01-10' where {of}";
        yield return $"{Head} settled_at = settled_at - interval '1 day' where {of}";
        yield return $"{Head} hash = sha256('') where {of}";
        yield return $"{Head} journal = 'treasury/other' where {of}";
        yield return "drop trigger only_forward on ledger.heads";
        yield return "alter table ledger.heads disable trigger only_forward";
        yield return "set session_replication_role = replica";
    }
}
