using System.Buffers;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Tests.Journal;

public sealed class CanonicalEncodingTests
{
    /// <summary>Written by hand from the rule: tag, length (4 bytes, big-endian), content; numbers 8 bytes.</summary>
    [Theory]
    [InlineData("null", "6e 00000000")]
    [InlineData("true", "62 00000001")]
    [InlineData("false", "62 00000000")]
    [InlineData("-2", "69 fffffffffffffffe")]
    [InlineData("\"aé\"", "73 00000003 61 c3a9")]
    [InlineData("\"a\\u00e9\\n\"", "73 00000004 61 c3a9 0a")]
    [InlineData("\"\\ud83d\\ude00\"", "73 00000004 f09f9880")]
    [InlineData("[1, \"\"]", "61 00000002 69 0000000000000001 73 00000000")]
    [InlineData("{\"b\":1,\"a\":null}", "6f 00000002 6b 00000001 61 6e 00000000 6b 00000001 62 69 0000000000000001")]
    [InlineData("{\"aa\":{},\"a\":[]}", "6f 00000002 6b 00000001 61 61 00000000 6b 00000002 6161 6f 00000000")]
    public void a_document_has_exactly_these_bytes(string json, string bytes) =>
        Assert.Equal(Convert.FromHexString(bytes.Replace(" ", "", StringComparison.Ordinal)), Encode(json));

    [Theory]
    [InlineData("{\"a\":\"x\",\"b\":[1,{\"c\":2}]}", " { \"b\" : [ 1 , { \"c\" : 2 } ] , \"\\u0061\" : \"\\u0078\" } ")]
    [InlineData("\"/\"", "\"\\/\"")]
    public void order_white_space_and_escapes_do_not_matter(string one, string other) =>
        Assert.Equal(Encode(one), Encode(other));

    [Theory]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("9223372036854775808")]
    [InlineData("[{\"a\":0.1}]")]
    [InlineData("{\"a\":1,\"a\":1}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    public void a_fraction_or_a_member_that_stands_twice_is_no_stored_document(string json) =>
        Assert.Throws<FormatException>(() => Encode(json));

    [Fact]
    public void the_chain_of_a_known_journal_has_known_hashes()
    {
        var origin = HashChain.Origin("acme", "treasury/main");
        var first = HashChain.Next(origin, "{\"position\":1}"u8);

        // SHA-256 over a(2) s(4)"acme" s(13)"treasury/main", and over that hash with o(1) k(8)"position" i(1).
        Assert.Equal(
            System.Security.Cryptography.SHA256.HashData(
                [.. Hex("61 00000002 73 00000004"), .. "acme"u8, .. Hex("73 0000000d"), .. "treasury/main"u8]),
            origin);
        Assert.Equal(
            System.Security.Cryptography.SHA256.HashData(
                [.. origin, .. Hex("6f 00000001 6b 00000008"), .. "position"u8, .. Hex("69 0000000000000001")]),
            first);
    }

    [Fact]
    public void the_digest_of_a_text_is_that_of_salt_and_text() => Assert.Equal(
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([1, 2, .. "née"u8])),
        HashChain.DigestOf([1, 2], "née").Sha256);

    [Theory]
    [InlineData("")]
    [InlineData("{\"a\":1")]
    [InlineData("{} {}")]
    [InlineData("[1,]")]
    public void what_is_not_json_has_no_bytes(string json) =>
        Assert.ThrowsAny<JsonException>(() => Encode(json));

    [Fact]
    public void any_document_has_the_bytes_that_the_rule_gives_when_it_is_followed_member_by_member()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var json = RandomJson(random, depth: 0);
            using var document = JsonDocument.Parse(json);
            Assert.True(Followed(document.RootElement).SequenceEqual(Encode(json)), $"seed {seed}: {json}");
        }
    }

    private static string RandomJson(Random random, int depth) => (depth > 4 ? 4 : 0, random.Next(12)) switch
    {
        (0, < 4) => "{" + string.Join(", ", Enumerable.Range(0, depth == 0 ? random.Next(100) : random.Next(9))
            .OrderBy(_ => random.Next())
            .Select(number => $"{RandomText(random, $"{number}")} : {RandomJson(random, depth + 1)}")) + "}",
        (0, < 6) => "[" + string.Join(" ,", Enumerable.Range(0, random.Next(6))
            .Select(_ => RandomJson(random, depth + 1))) + "]",
        (_, < 8) => RandomText(random, ""),
        (_, 8) => "null",
        (_, 9) => random.Next(2) == 0 ? "true" : "false",
        _ => $"{random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)}",
    };

    /// <summary>A JSON string that no other number's is equal to.</summary>
    private static string RandomText(Random random, string number)
    {
        string[] parts = ["a", "Z", "é", "\\u00e9", "\\n", "\\\"", "\\ud83d\\ude00", "\U0001F600", "漢", " "];
        return $"\"{string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => parts[random.Next(parts.Length)]))}"
            + $"#{number}\"";
    }

    private static byte[] Followed(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object =>
        [
            .. Head('o', value.GetPropertyCount()),
            .. value.EnumerateObject()
                .OrderBy(member => Convert.ToHexString(Encoding.UTF8.GetBytes(member.Name)), StringComparer.Ordinal)
                .SelectMany(member => (byte[])[.. Text('k', member.Name), .. Followed(member.Value)]),
        ],
        JsonValueKind.Array =>
            [.. Head('a', value.GetArrayLength()), .. value.EnumerateArray().SelectMany(Followed)],
        JsonValueKind.String => Text('s', value.GetString()!),
        JsonValueKind.Number => [(byte)'i', .. Convert.FromHexString($"{value.GetInt64():x16}")],
        JsonValueKind.Null => Head('n', 0),
        var truth => Head('b', truth == JsonValueKind.True ? 1 : 0),
    };

    private static byte[] Text(char tag, string text) =>
        [.. Head(tag, Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Head(char tag, int length) => [(byte)tag, .. Convert.FromHexString($"{length:x8}")];

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static byte[] Encode(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalEncoding.Write(Encoding.UTF8.GetBytes(json), output);
        return output.WrittenSpan.ToArray();
    }
}
