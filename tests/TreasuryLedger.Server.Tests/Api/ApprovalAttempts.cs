namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What somebody with the login of the program could try, to decide alone what two persons decide.</summary>
/// <param name="tenant">The tenant of the treasury acme.</param>
/// <param name="proposal">A proposal of limits by ann, which waits.</param>
/// <param name="ended">A proposal of limits by ann that bob approved.</param>
/// <param name="approved">The entry that approves it.</param>
/// <param name="rule">The entry that sets the four-eyes rule.</param>
/// <param name="terms">Terms of the official book that ann proposed.</param>
internal sealed class ApprovalAttempts(
    string tenant, long proposal, long ended, long approved, long rule, long terms)
{
    private const string Change = "data->'event'->'change'";

    private string Events => $"tenant_id = '{tenant}' and stream_id = 'treasury/acme'";

    /// <summary>An approval as the program would store it: what all others differ from.</summary>
    public string Sound => Insert(proposal, Approval("bob"), $"{Change}->>'type'");

    /// <summary>Statements that must be refused.</summary>
    public IEnumerable<(string What, string Statement)> All()
    {
        yield return ("the author approves", Insert(proposal, Approval("ann"), $"{Change}->>'type'"));
        yield return ("nobody approves", Insert(proposal, $"({Approval("bob")}) - 'actor'", $"{Change}->>'type'"));
        yield return ("another event than was proposed", Insert(
            proposal, Approval("bob") + """ || '{"event":{"loanToValueMax":"0.99"}}'""", $"{Change}->>'type'"));
        yield return ("another kind than was proposed", Insert(
            proposal, Approval("bob") + """ || '{"type":"playbook_adopted_v1","event":{"bands":[]}}'""",
            "'playbook_adopted_v1'"));
        yield return ("what was approved before", Insert(ended, Approval("bob"), $"{Change}->>'type'"));
        yield return ("limits that nobody proposed", Insert(
            proposal, $"({Approval("bob")}) - 'voids'", $"{Change}->>'type'"));
        yield return ("limits in the place of an ordinary entry", Insert(
            proposal, $$"""{{Approval("bob")}} || '{"voids":2}'""", $"{Change}->>'type'"));
        yield return ("limits under the name of something else", Insert(
            proposal, $"({Approval("bob")}) - 'voids'", "'fee_paid_v1'"));
        yield return ("limits taken back", Insert(approved, Voiding(approved), "'entry_voided_v1'"));
        yield return ("the rule taken back", Insert(rule, Voiding(rule), "'entry_voided_v1'"));
        yield return ("another rule", Insert(rule, "data || '{\"actor\":\"bob\"}'", "type"));
        yield return ("a proposal in another's name", Insert(
            proposal, "jsonb_set(data, '{event,proposedBy}', '\"bob\"')", "type"));
        yield return ("declined in another's name", Insert(
            proposal,
            $$$"""
            data || '{"actor":"ann","voids":{{{proposal}}},"type":"proposal_declined_v1",
            "event":{"proposal":{{{proposal}}},"declinedBy":"bob"}}'
            """,
            "'proposal_declined_v1'"));
        yield return ("official terms by who proposed them", Insert(
            terms, "data || jsonb_build_object('type', 'terms_adopted_v1', 'event', (data->'event') - 'proposedBy')",
            "'terms_adopted_v1'"));
        yield return ("official terms that nobody proposed", Insert(
            terms,
            "data || jsonb_build_object('type', 'terms_adopted_v1', 'actor', 'bob', 'effectiveAt', "
            + "'2098-12-31T16:00:00Z', 'event', (data->'event') - 'proposedBy')",
            "'terms_adopted_v1'"));
        yield return ("the author renamed", $"update journal.mt_events set data = data where {Events}");
        yield return ("the proposal removed", $"delete from journal.mt_events where {Events} and version = {proposal}");
        yield return ("without the trigger", "drop trigger four_eyes on journal.mt_events");
        yield return ("without the function", "drop function ledger.guard_four_eyes() cascade");
        yield return ("without triggers", "set session_replication_role = replica");
    }

    private string Approval(string actor) =>
        $"data || jsonb_build_object('actor', '{actor}', 'voids', version, 'type', {Change}->>'type', "
        + $"'event', {Change}->'event')";

    private static string Voiding(long position) =>
        $$$"""data || '{"actor":"bob","voids":{{{position}}},"type":"entry_voided_v1","event":{}}'""";

    /// <summary>An event behind the newest, made of another one.</summary>
    private string Insert(long of, string data, string type) =>
        $"""
        insert into journal.mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id, is_archived)
        select nextval('journal.mt_events_sequence'), gen_random_uuid(), stream_id, 999, {data}, {type}, timestamp,
        tenant_id, false from journal.mt_events where {Events} and version = {of}
        """;
}
