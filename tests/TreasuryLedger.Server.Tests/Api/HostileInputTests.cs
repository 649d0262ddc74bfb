using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Shouldly;
using TreasuryLedger.Server.Platform;
using Xunit;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>What bad input gets: a documented problem, never a 500, and nothing stored.</summary>
[Collection(ApiTests.Name)]
public sealed class HostileInputTests(ApiHost host)
{
    private const string Fees = ApiClient.Treasury + "/fees";

    private static readonly string Digits78 = new('9', 78);

    /// <summary>What is wrong, the quantity as JSON, and the code.</summary>
    public static TheoryData<string, string, string> Quantities => new()
    {
        { "a JSON number", "1", "value_invalid" },
        { "a JSON fraction", "0.1", "value_invalid" },
        { "a JSON exponent", "1e3", "value_invalid" },
        { "an exponent", "\"1e3\"", "value_invalid" },
        { "not a number", "\"NaN\"", "value_invalid" },
        { "not a number, bare", "NaN", "json_malformed" },
        { "infinity", "\"Infinity\"", "value_invalid" },
        { "minus zero", "\"-0\"", "value_invalid" },
        { "a negative", "\"-1\"", "quantity_out_of_range" },
        { "nothing", "\"\"", "value_invalid" },
        { "null", "null", "value_invalid" },
        { "true", "true", "value_invalid" },
        { "an object", "{}", "value_invalid" },
        { "a list", "[]", "value_invalid" },
        { "a plus", "\"+1\"", "value_invalid" },
        { "spaces", "\" 1 \"", "value_invalid" },
        { "thousands", "\"1,000\"", "value_invalid" },
        { "a leading zero", "\"01\"", "value_invalid" },
        { "a bare point", "\"1.\"", "value_invalid" },
        { "hexadecimal", "\"0x10\"", "value_invalid" },
        { "Arabic digits", "\"١\"", "value_invalid" },
        { "19 decimals of 18", "\"0.0000000000000000001\"", "quantity_too_fine" },
        { "37 decimals", "\"0." + new string('0', 36) + "1\"", "value_invalid" },
        { "78 digits", "\"" + Digits78 + "\"", "quantity_out_of_range" },
        { "79 digits", "\"9" + Digits78 + "\"", "value_invalid" },
        { "a million digits", "\"" + new string('9', 200_000) + "\"", "value_invalid" },
    };

    /// <summary>What is wrong, the body, and the code.</summary>
    public static TheoryData<string, string, string> Bodies => new()
    {
        { "nothing", "", "json_malformed" },
        { "half a body", "{\"effectiveAt\":", "json_malformed" },
        { "two bodies", "{}{}", "json_malformed" },
        { "a comment", "{/* hi */}", "json_malformed" },
        { "a trailing comma", Body("\"x\":1,").Replace("\"x\":1,", "", StringComparison.Ordinal)[..^1] + ",}",
            "json_malformed" },
        { "null", "null", "value_invalid" },
        { "a list", "[]", "value_invalid" },
        { "a text", "\"hello\"", "value_invalid" },
        { "a number", "42", "value_invalid" },
        { "deep nesting", new string('[', 5_000) + new string(']', 5_000), "json_malformed" },
        { "deep nesting of an object", Body("\"evidence\":" + Nested(40) + ","), "json_malformed" },
        { "an unknown member", Body("\"colour\":\"red\","), "member_unknown" },
        { "a member in another case", Body("\"Reason\":\"x\","), "member_unknown" },
        { "an internal member", Body("\"$type\":\"System.Object\","), "member_unknown" },
        { "the name of the command", Body("\"command\":\"pay-fee\","), "member_unknown" },
        { "a member twice", Body("\"asset\":\"ETH\","), "member_duplicate" },
        { "a member of an inner object twice",
            Body("\"evidence\":{\"source\":\"a\",\"source\":\"b\",\"quality\":\"fact\"},"), "member_duplicate" },
        { "no instant", Body("").Replace("\"effectiveAt\":\"2026-01-05T06:30:00Z\",", "", StringComparison.Ordinal),
            "member_missing" },
        { "an instant without an offset", At("2026-01-05T06:30:00"), "value_invalid" },
        { "an instant finer than microseconds", At("2026-01-05T06:30:00.1234567Z"), "value_invalid" },
        { "an instant that is only a day", At("2026-01-05"), "value_invalid" },
        { "a day that is none", At("2026-02-30T00:00:00Z"), "value_invalid" },
        { "an instant before 1970", At("1969-12-31T23:59:59Z"), "value_invalid" },
        { "a mode that is none", Body("\"mode\":\"wish\","), "value_invalid" },
        { "a mode as a number", Body("\"mode\":1,"), "value_invalid" },
        { "two modes", Body("\"mode\":\"observation, instruction\","), "value_invalid" },
        { "half a character as a name", Body("\"\\ud800\":1,"), "value_invalid" },
        { "a NUL in a text", Body("\"reason\":\"a\\u0000b\","), "value_invalid" },
        { "an escape character in a text", Body("\"reason\":\"\\u001b[31m\","), "value_invalid" },
        { "half a character", Body("\"reason\":\"\\ud800\","), "value_invalid" },
        { "a text that is too long", Body("\"reason\":\"" + new string('x', 5_000) + "\","), "value_invalid" },
        { "an account that climbs", Account("../../etc"), "value_invalid" },
        { "an account with a quote", Account("a';drop table x--"), "value_invalid" },
        { "an account in another script", Account("кошелёк"), "value_invalid" },
        { "an account that is too long", Account(new string('a', 64)), "value_invalid" },
        { "an account with a NUL", Account("a\\u0000"), "value_invalid" },
        { "a fact with a space", Body("\"fact\":\"a b\","), "value_invalid" },
        { "a fact that pretends to be generated", Body("\"fact\":\"request:r-1\","), "terms_invalid" },
        { "a source order with five numbers", Body("\"sourceOrder\":\"1.2.3.4.5\","), "value_invalid" },
    };

    /// <summary>What is wrong, the method, the address, the status and the code.</summary>
    public static TheoryData<string, string, string, int, string> Addresses => new()
    {
        { "an unknown route", "GET", "/v1/nothing", 404, "route_unknown" },
        { "an unknown noun", "POST", ApiClient.Treasury + "/wishes", 404, "route_unknown" },
        { "another method", "DELETE", ApiClient.Treasury, 405, "method_not_allowed" },
        { "a read by POST", "POST", ApiClient.Treasury + "/balances", 405, "method_not_allowed" },
        { "a treasury in capitals", "GET", "/v1/treasuries/ACME/balances", 400, "id_invalid" },
        { "a treasury that climbs", "GET", "/v1/treasuries/..%2Fother/balances", 400, "id_invalid" },
        { "a treasury with a quote", "GET", "/v1/treasuries/a'--/balances", 400, "id_invalid" },
        { "a treasury that is too long", "GET", $"/v1/treasuries/{new string('a', 64)}/balances", 400, "id_invalid" },
        { "a treasury that is not there", "GET", "/v1/treasuries/nobody/balances", 404, "journal_not_opened" },
        { "an unknown parameter", "GET", ApiClient.Treasury + "/balances?asof=2026-01-01", 400, "query_invalid" },
        { "a parameter twice", "GET", ApiClient.Treasury + "/balances?asOf=2026-01-01&asOf=2026-01-02", 400,
            "query_invalid" },
        { "an as-of that is none", "GET", ApiClient.Treasury + "/balances?asOf=yesterday", 400, "query_invalid" },
        { "an as-of that is too fine", "GET", ApiClient.Treasury + "/balances?asOf=2026-01-01T00:00:00.0000001Z", 400,
            "query_invalid" },
        { "a known-at that is a day", "GET", ApiClient.Treasury + "/balances?knownAt=2026-01-01", 400,
            "query_invalid" },
        { "a known-at in the future", "GET", ApiClient.Treasury + "/balances?knownAt=9000-01-01T00:00:00Z", 400,
            "known_at_in_future" },
        { "a known-at before the treasury", "GET", ApiClient.Treasury + "/balances?knownAt=1999-01-01T00:00:00Z", 404,
            "journal_not_opened" },
        { "a method that is none", "GET", ApiClient.Treasury + "/lots?method=best", 400, "query_invalid" },
        { "a flag that is none", "POST", Fees + "?dryRun=yes", 400, "query_invalid" },
        { "a position that is none", "GET", ApiClient.Treasury + "/entries/first", 404, "entry_unknown" },
        { "position 0", "GET", ApiClient.Treasury + "/entries/0", 404, "entry_unknown" },
        { "a position beyond counting", "GET", ApiClient.Treasury + "/entries/" + Digits78, 404, "entry_unknown" },
        { "a page of nothing", "GET", ApiClient.Treasury + "/entries?limit=0", 400, "query_invalid" },
        { "a page of too much", "GET", ApiClient.Treasury + "/entries?limit=1001", 400, "query_invalid" },
        { "a page of none", "GET", ApiClient.Treasury + "/entries?limit=0", 400, "query_invalid" },
        { "a position not reached", "GET", ApiClient.Treasury + "/balances?minPosition=9999", 503,
            "position_not_reached" },
        { "a restatement without its start", "GET", ApiClient.Treasury + "/restatement", 400, "query_invalid" },
        { "a request that is none", "GET", ApiClient.Treasury + "/requests/a%23b", 400, "idempotency_key_invalid" },
    };

    [Theory]
    [MemberData(nameof(Quantities))]
    public async Task a_quantity_that_is_none_is_refused(string what, string quantity, string code) =>
        await RefusedAsync(what, Body("", quantity), code);

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task a_body_that_is_none_is_refused(string what, string body, string code) =>
        await RefusedAsync(what, body, code);

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task an_address_that_is_none_is_refused(
        string what, string method, string address, int status, string code)
    {
        var client = await OpenAsync();
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, UriKind.Relative));
        if (method == "POST")
        {
            request.Content = new StringContent(Body(""), Encoding.UTF8, "application/json");
            request.Headers.Add(WriteEndpoints.IdempotencyKeyHeader, client.NewKey());
        }

        var answer = await client.SendAsync(request);

        ((int)answer.Status).ShouldBe(status, what);
        answer.Code.ShouldBe(code, what);
    }

    [Theory]
    [InlineData(null, "idempotency_key_missing")]
    [InlineData("", "idempotency_key_missing")]
    [InlineData("with space", "idempotency_key_invalid")]
    [InlineData("batch#1", "idempotency_key_invalid")]
    [InlineData("-starts-wrong", "idempotency_key_invalid")]
    [InlineData("188", "idempotency_key_invalid")]
    public async Task a_write_needs_a_key_of_its_request(string? key, string code)
    {
        var client = await OpenAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, Fees)
        {
            Content = new StringContent(Body(""), Encoding.UTF8, "application/json"),
        };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation(
                WriteEndpoints.IdempotencyKeyHeader, key == "188" ? new string('k', 188) : key);
        }

        (await client.SendAsync(request)).ShouldBe(HttpStatusCode.BadRequest).Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("text/plain", null, 415, "content_type_unsupported")]
    [InlineData("application/xml", null, 415, "content_type_unsupported")]
    [InlineData("application/x-www-form-urlencoded", null, 415, "content_type_unsupported")]
    [InlineData("application/json", "gzip", 415, "content_type_unsupported")]
    [InlineData("application/json; charset=utf-16", null, 415, "content_type_unsupported")]
    [InlineData("application/json; charset=\"iso-8859-1\"", null, 415, "content_type_unsupported")]
    public async Task a_body_of_another_kind_is_refused(string type, string? encoding, int status, string code)
    {
        var client = await OpenAsync();
        var request = new HttpRequestMessage(HttpMethod.Post, Fees) { Content = new StringContent(Body("")) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            request.Content.Headers.ContentEncoding.Add(encoding);
        }

        request.Headers.Add(WriteEndpoints.IdempotencyKeyHeader, client.NewKey());

        var answer = await client.SendAsync(request);

        ((int)answer.Status).ShouldBe(status);
        answer.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("/fees", Http.CommandBytesMax + 1, true)]
    [InlineData("/fees", Http.CommandBytesMax + 1, false)]
    [InlineData("/batches", Http.BatchBytesMax + 1, true)]
    [InlineData("/batches", Http.BatchBytesMax + 1, false)]
    [InlineData("/batches", 100_000_000, true)]
    public async Task a_body_that_is_too_large_is_refused(string path, int bytes, bool announced)
    {
        var client = await OpenAsync();
        var head = await client.HeadAsync();
        var content = new byte[bytes];
        Array.Fill(content, (byte)' ');
        var request = new HttpRequestMessage(HttpMethod.Post, ApiClient.Treasury + path)
        {
            Content = announced ? new ByteArrayContent(content) : new StreamContent(new Unannounced(content)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WriteEndpoints.IdempotencyKeyHeader, client.NewKey());

        var answer = await client.SendAsync(request);

        answer.ShouldBe(HttpStatusCode.RequestEntityTooLarge).Code.ShouldBe("body_too_large");
        (await client.HeadAsync()).ShouldBe(head);
    }

    [Theory]
    [InlineData("""{"commands":[{"effectiveAt":"2026-01-05T06:30:00Z","entry":1,"reason":"x"}]}""", "member_missing")]
    [InlineData("""{"commands":[{"command":"destroy-everything"}]}""", "value_invalid")]
    [InlineData("""{"commands":[{"command":7}]}""", "value_invalid")]
    [InlineData("""{"commands":[null]}""", "value_invalid")]
    [InlineData("""{"commands":null}""", "value_invalid")]
    [InlineData("""{"commands":{}}""", "value_invalid")]
    [InlineData("""{}""", "member_missing")]
    [InlineData("""{"commands":[],"atomic":false}""", "member_unknown")]
    [InlineData("""
        {"commands":[{"command":"correct-entry","effectiveAt":"2026-01-05T06:30:00Z","entry":2,
        "replacement":{"command":"pay-fee","effectiveAt":"2026-01-05T06:30:00Z","account":"wallet","asset":"ETH",
        "quantity":1}}]}
        """, "value_invalid")]
    public async Task a_batch_that_is_none_is_refused_with_the_place(string body, string code)
    {
        var client = await OpenAsync();
        var head = await client.HeadAsync();

        var answer = await client.PostAsync(ApiClient.Treasury + "/batches", body);

        answer.ShouldBe(HttpStatusCode.BadRequest).Code.ShouldBe(code);
        answer.Json.GetProperty("numbers").GetProperty("path").GetString().ShouldStartWith("$");
        (await client.HeadAsync()).ShouldBe(head);
    }

    [Fact]
    public async Task half_a_character_names_no_command()
    {
        var client = await host.SharedAsync();

        (await client.PostAsync(ApiClient.Treasury + "/batches", """{"commands":[{"command":"\ud800pay-fee"}]}"""))
            .Code.ShouldBe("value_invalid");
    }

    [Fact]
    public async Task the_place_of_a_wrong_value_is_named()
    {
        var client = await OpenAsync();

        var answer = await client.PostAsync(
            ApiClient.Treasury + "/acquisitions",
            """
            {"effectiveAt":"2026-01-05T06:30:00Z","account":"exchange","asset":"ETH","quantity":"1",
            "paidAccount":"bank","paidAsset":"USD","paidQuantity":"1",
            "fees":[{"account":"bank","asset":"USD","quantity":"1"},{"account":"bank","asset":"USD","quantity":2}]}
            """);

        answer.Json.GetProperty("numbers").GetProperty("path").GetString().ShouldBe("$.fees[1].quantity");
        answer.Json.GetProperty("detail").GetString()!.ShouldContain("decimal string");
    }

    private async Task RefusedAsync(string what, string body, string code)
    {
        var client = await OpenAsync();
        var head = await client.HeadAsync();

        var answer = await client.PostAsync(Fees, body);

        answer.Code.ShouldBe(code, $"{what}: {answer.Text}");
        ((int)answer.Status).ShouldBe(ErrorRegistry.Of(code).Status, what);
        (await client.HeadAsync()).ShouldBe(head);
    }

    private Task<ApiClient> OpenAsync() => host.SharedAsync();

    private static string Body(string more, string quantity = "\"0.0021\"") =>
        $$"""{"effectiveAt":"2026-01-05T06:30:00Z",{{more}}"account":"wallet","asset":"ETH","quantity":{{quantity}}}""";

    private static string At(string instant) =>
        Body("").Replace("2026-01-05T06:30:00Z", instant, StringComparison.Ordinal);

    private static string Account(string account) =>
        Body("").Replace("\"account\":\"wallet\"", $"\"account\":\"{account}\"", StringComparison.Ordinal);

    private static string Nested(int depth) =>
        string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    /// <summary>A stream that does not say how long it is, so that the body comes in chunks.</summary>
    private sealed class Unannounced(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
