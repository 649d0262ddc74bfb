using System.Net;
using Shouldly;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>Every refusal that a caller can meet, met.</summary>
[Collection(ApiTests.Name)]
public sealed class RefusalTests(ApiHost host)
{
    private const string Treasury = ApiClient.Treasury;

    /// <summary>
    /// A refusal that no caller sees as the code of an answer: it marks the others of a refused batch.
    /// </summary>
    private static readonly RefusalCode[] NeverTheAnswer = [RefusalCode.BatchRefused];

    /// <summary>Code, address, members of the body beside effectiveAt, and what is recorded before.</summary>
    private static readonly (string Code, string Address, string Members, string[] Before)[] Rows =
    [
        ("journal_not_opened", "/v1/treasuries/nobody/fees", Fee("wallet", "ETH", "1"), []),
        ("journal_already_opened", "/v1/price-books/reference", """ "name":"Another" """, []),
        ("account_unknown", Treasury + "/fees", Fee("nowhere", "ETH", "1"), []),
        ("asset_unknown", Treasury + "/fees", Fee("wallet", "BTC", "1"), []),
        ("account_already_registered", Treasury + "/accounts",
            """ "account":"wallet","kind":"bank","venue":"own keys" """, []),
        ("asset_already_registered", Treasury + "/assets", """ "asset":"ETH","kind":"token","decimals":17 """, []),
        ("account_kind_wrong", Treasury + "/transfers-to-exchange",
            """ "from":"bank","to":"wallet","asset":"ETH","quantity":"1" """, []),
        ("asset_kind_wrong", Treasury + "/yields",
            """ "account":"wallet","asset":"ETH","quantity":"1","value":{"currency":"ETH","amount":"1"} """, []),
        ("quantity_out_of_range", Treasury + "/fees", Fee("wallet", "ETH", "0"), []),
        ("quantity_too_fine", Treasury + "/fees", Fee("wallet", "USDT", "0.0000001"), []),
        ("number_out_of_range", "/v1/price-books/reference/prices",
            """ "asset":"ETH","currency":"USD","price":"0" """, []),
        ("same_account", Treasury + "/transfers",
            """ "from":"wallet","to":"wallet","asset":"ETH","quantity":"1" """, []),
        ("same_asset", "/v1/price-books/reference/prices", """ "asset":"ETH","currency":"ETH","price":"1" """, []),
        ("not_a_stand_in", Treasury + "/wraps",
            """ "account":"wallet","fromAsset":"ETH","toAsset":"USDT","quantity":"1" """, []),
        ("fact_unknown", Treasury + "/arrivals", """ "transfer":"nobody:knows","quantity":"1" """, []),
        ("fact_kind_wrong", Treasury + "/arrivals", """ "transfer":"a:1","quantity":"1" """,
            ["contribute-capital|\"fact\":\"a:1\",\"account\":\"wallet\",\"asset\":\"ETH\",\"quantity\":\"1\""]),
        ("fact_already_recorded", Treasury + "/fees",
            Fee("wallet", "ETH", "2") + """ ,"fact":"a:1","mode":"instruction" """,
            ["pay-fee|\"fact\":\"a:1\",\"account\":\"wallet\",\"asset\":\"ETH\",\"quantity\":\"1\""]),
        ("entry_unknown", Treasury + "/annotations", """ "entry":9999,"reason":"What entry?" """, []),
        ("entry_already_voided", Treasury + "/corrections", """ "entry":13 """,
            ["pay-fee|" + Fee("wallet", "ETH", "1"), "correct-entry|\"entry\":13"]),
        ("entry_not_correctable", Treasury + "/corrections", """ "entry":1 """, []),
        ("units_missing", Treasury + "/fees", Fee("wallet", "ETH", "1") + """ ,"mode":"instruction" """, []),
        ("limit_broken", Treasury + "/borrowings", Borrowing("2026-01-05T12:00:00Z", "100000"), [Collateral]),
        ("value_missing", Treasury + "/borrowings", Borrowing("2026-06-05T12:00:00Z", "1"), [Collateral]),
        ("position_indexed", Treasury + "/collateral-deposits",
            """ "from":"wallet","position":"aave-2","asset":"WETH","quantity":"1" """,
            ["touch-position|" + Touch("aave-2")]),
        ("position_by_amount", Treasury + "/interest-bookings", Touch("aave-1"),
            ["deposit-collateral|\"from\":\"wallet\",\"position\":\"aave-1\",\"asset\":\"WETH\",\"quantity\":\"1\""]),
        ("touch_inconsistent", Treasury + "/collateral-withdrawals",
            """ "position":"aave-2","to":"wallet","asset":"WETH","quantity":"5", """
            + """ "touch":{"index":"1.051","indexBefore":"1.05","scaledBefore":"0.5"} """, []),
        ("interest_booked", Treasury + "/interest-bookings", Touch("aave-2"),
            ["touch-position|" + Touch("aave-2")]),
        ("version_unknown", "/v1/market-books/lenders/versions",
            """ "market":"aave-v3-ethereum","version":"9.9" """, []),
        ("not_instructable", Treasury + "/yields",
            Fee("wallet", "ETH", "1") + """ ,"mode":"instruction" """, []),
        ("instruction_ended", Treasury + "/instruction-cancellations", """ "instruction":"i:1" """,
        [
            "contribute-capital|" + Fee("wallet", "ETH", "5"),
            "pay-fee|" + Fee("wallet", "ETH", "1") + ",\"fact\":\"i:1\",\"mode\":\"instruction\"",
            "cancel-instruction|\"instruction\":\"i:1\"",
        ]),
        ("terms_invalid", "/v1/treasuries/other", Opening("Mars/Olympus"), []),
        ("terms_invalid", "/v1/treasuries/other", Opening("Singapore Standard Time"), []),
        ("terms_invalid", "/v1/treasuries/other", Opening("../../etc/passwd"), []),
        ("terms_not_proposed", Treasury + "/books",
            "\"proposal\":1,\"reason\":\"because\","
            + Adoption("official", "universal", "cashAtPar")
                .Replace("2026-01-04", "2099-12-31", StringComparison.Ordinal), []),
        ("terms_already_adopted", Treasury + "/books", Adoption("board", "universal", "lots"),
            ["adopt-terms|" + Adoption("board", "universal", "cashAtPar")]),
        ("allocation_missing", Treasury + "/books", Adoption("board", "perAccount", "cashAtPar"), []),
        ("lots_not_disposed", Treasury + "/books", Adoption("us-tax", "perAccount", "cashAtPar"), []),
        ("identification_too_late", Treasury + "/lot-identifications",
            "\"effectiveAt\":\"2026-01-05T12:00:01Z\",\"of\":\"f:1\",\"asset\":\"ETH\",\"method\":\"hifo\"",
            ["pay-fee|" + Fee("wallet", "ETH", "1") + ",\"fact\":\"f:1\""]),
        ("order_back_dated", Treasury + "/standing-orders",
            Order, []),
        ("order_back_dated", Treasury + "/corrections",
            "\"effectiveAt\":\"2026-01-05T12:00:00Z\",\"entry\":13,\"replacement\":{\"command\":"
            + "\"give-standing-order\",\"effectiveAt\":\"2026-01-05T12:00:00Z\"," + Order + "}",
            ["give-standing-order|\"effectiveAt\":\"2100-01-01T00:00:00Z\"," + Order]),
        ("allocation_final", Treasury + "/basis-allocations", "\"book\":\"board\"",
            ["allocate-basis|\"book\":\"board\""]),
        ("alert_open", Treasury + "/alerts", Alert, ["raise-alert|\"fact\":\"desk:1\"," + Alert]),
        ("alert_resolved", Treasury + "/alerts/acknowledgements", "\"alert\":\"desk:1\"",
            ["raise-alert|\"fact\":\"desk:1\"," + Alert, "resolve-alert|\"alert\":\"desk:1\""]),
        ("period_out_of_order", Treasury + "/periods", Span("2026-01-01", "2026-01-03"),
            [Closed.Replace("2026-01-04", "2025-12-31", StringComparison.Ordinal)]),
        ("period_not_closed", Treasury + "/seals", End, []),
        ("period_already_sealed", Treasury + "/seals", End, [Closed, Sealed]),
        ("period_not_sealed", Treasury + "/reopening-requests", End + Because, [Closed]),
        ("period_not_over", Treasury + "/seals", Until("2099-12-31"),
            ["close-period|\"effectiveAt\":\"2100-01-01T00:00:00Z\"," + Span("2025-12-30", "2099-12-31")]),
        ("period_incomplete", Treasury + "/seals", End,
            ["pay-fee|\"effectiveAt\":\"2026-01-02T00:00:00Z\"," + Fee("wallet", "ETH", "1"), Closed]),
        ("statement_not_ready", Treasury + "/batches",
            "*[{\"command\":\"close-period\"," + At(Span("2025-12-30", "2026-01-04")) + "},"
            + "{\"command\":\"seal-period\"," + At(End) + "}]", []),
        ("statement_differs", Treasury + "/seals", End + ",\"statementHash\":\"" + new string('0', 64) + "\"",
            [Closed]),
        ("reopening_not_requested", Treasury + "/reopenings", End + Because, [Closed, Sealed]),
        ("second_person_needed", Treasury + "/reopenings", End + Because + ",\"request\":15",
            [Closed, Sealed, "request-reopening|" + End + Because]),
        ("proposal_unknown", Treasury + "/proposals/approvals", "\"proposal\":1", []),
        ("proposal_ended", Treasury + "/proposals/approvals", "\"proposal\":14",
            [
                "set-four-eyes|\"reason\":\"so\"", "set-limits|\"loanToValueMax\":\"0.7\"",
                "decline-proposal|\"proposal\":14" + Because,
            ]),
        ("journal_kind_wrong", Treasury + "/batches",
            "*[{\"command\":\"record-price\",\"effectiveAt\":\"2026-01-05T12:00:00Z\",\"asset\":\"ETH\","
            + "\"currency\":\"USD\",\"price\":\"1\"}]", []),
        ("batch_size_out_of_range", Treasury + "/batches", "*[]", []),
        ("batch_size_out_of_range", Treasury + "/batches",
            "*[" + string.Join(',', Enumerable.Repeat(Note, 10_001)) + "]", []),
    ];

    private const string Note =
        "{\"command\":\"annotate-entry\",\"effectiveAt\":\"2026-01-05T12:00:00Z\",\"entry\":1}";

    private const string Collateral =
        "open-balances|\"lots\":[{\"account\":\"aave-1\",\"asset\":\"WETH\",\"quantity\":\"10\","
        + "\"acquiredAt\":\"2026-01-01T00:00:00Z\"}]";

    private const string Order = "\"book\":\"us-tax\",\"account\":\"wallet\",\"method\":\"hifo\"";

    private const string Because = ",\"reason\":\"A fact was missing.\"";

    private const string Alert = "\"limit\":\"venueAllowed\",\"subject\":\"nowhere\"";

    private static string End => Until("2026-01-04");

    private static string Closed => "close-period|" + Span("2025-12-30", "2026-01-04");

    private static string Sealed => "seal-period|" + End;

    public static TheoryData<int, string> Cases
    {
        get
        {
            var data = new TheoryData<int, string>();
            for (var i = 0; i < Rows.Length; i++)
            {
                data.Add(i, Rows[i].Code);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task it_is_refused_with_its_code_and_nothing_is_recorded(int row, string code)
    {
        var (_, address, members, before) = Rows[row];
        var client = await (await host.NewTenantAsync()).OpenAsync();
        foreach (var step in before)
        {
            var parts = step.Split('|');
            (await client.PostAsync(
                Treasury + "/batches", $$"""{"commands":[{"command":"{{parts[0]}}",{{At(parts[1])}}}]}"""))
                .Status.ShouldBeOneOf(HttpStatusCode.Created, HttpStatusCode.Accepted);
        }

        var journal = string.Join('/', address.Split('/').Take(4));
        var head = await client.HeadAsync(journal);

        var answer = await client.PostAsync(
            address, members[0] == '*' ? $$"""{"commands":{{members[1..]}}}""" : $$"""{{{At(members)}}}""");

        answer.Code.ShouldBe(code, answer.Text);
        ((int)answer.Status).ShouldBe(ErrorRegistry.Of(code).Status);
        answer.Json.GetProperty("retryable").GetBoolean().ShouldBeFalse();
        (await client.HeadAsync(journal)).ShouldBe(head);
    }

    [Fact]
    public void every_refusal_is_met_by_some_test()
    {
        string[] elsewhere = ["idempotency_key_reused", "scripted_clock_wrong"]; // WriteTests
        var met = Rows.Select(row => row.Code).Concat(elsewhere);

        Enum.GetValues<RefusalCode>().Except(NeverTheAnswer).Select(code => ErrorRegistry.Of(code).Code)
            .Except(met).ShouldBeEmpty();
    }

    [Fact]
    public async Task the_registry_explains_every_code_that_a_problem_points_to()
    {
        var client = await host.NewTenantAsync();
        var all = (await client.GetAsync("/v1/errors")).ShouldBe(HttpStatusCode.OK).Json.GetProperty("errors");

        all.GetArrayLength().ShouldBe(ErrorRegistry.All.Length);
        var refused = await client.GetAsync(Treasury + "/balances");
        var explained = await client.GetAsync(refused.Json.GetProperty("type").GetString()!);
        explained.ShouldBe(HttpStatusCode.OK).Json.GetProperty("code").GetString().ShouldBe(refused.Code);
        (await client.GetAsync("/v1/errors/no_such_code")).Code.ShouldBe("error_unknown");
    }

    private static string At(string members) => members.Contains("effectiveAt", StringComparison.Ordinal)
        ? members
        : "\"effectiveAt\":\"2026-01-05T12:00:00Z\"," + members;

    private static string Fee(string account, string asset, string quantity) =>
        $"\"account\":\"{account}\",\"asset\":\"{asset}\",\"quantity\":\"{quantity}\"";

    private static string Until(string day) => $"\"until\":\"{day}T16:00:00Z\"";

    private static string Span(string from, string until) => $"\"from\":\"{from}T16:00:00Z\",{Until(until)}";

    private static string Adoption(string book, string scope, string stablecoins) =>
        $"\"effectiveAt\":\"2026-01-04T16:00:00Z\",\"book\":\"{book}\",\"terms\":{{\"lotMethod\":\"fifo\","
        + $"\"basisScope\":\"{scope}\",\"stablecoins\":\"{stablecoins}\",\"incomeBasis\":\"fairValue\","
        + "\"priceAgeMaxSeconds\":1}";

    private static string Touch(string position) =>
        $"\"position\":\"{position}\",\"sides\":[{{\"asset\":\"WETH\",\"side\":\"supply\",\"touch\":{{"
        + "\"index\":\"1.051\",\"indexBefore\":\"1.05\",\"scaledBefore\":\"0.95238095238095238\"}}]";

    private static string Borrowing(string at, string quantity) =>
        $"\"effectiveAt\":\"{at}\",\"position\":\"aave-1\",\"asset\":\"USDT\",\"quantity\":\"{quantity}\","
        + "\"to\":\"wallet\",\"mode\":\"instruction\"";

    private static string Opening(string zone) =>
        $"\"name\":\"Other\",\"timeZone\":\"{zone}\",\"fiscalYearStart\":\"01-01\",\"reportingCurrency\":\"USD\","
        + "\"priceBook\":\"reference\",\"marketBook\":\"lenders\"";
}
