using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal.Proofs;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// A head as it is kept outside the database. Whoever has it can prove later that the journal still begins with exactly
/// what it held then.
/// </summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Journal">The journal's key.</param>
/// <param name="Position">The newest entry then.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Hash">The chain's hash there, lower-case hex.</param>
public sealed record ExportedHead(string Tenant, string Journal, long Position, Instant RecordedAt, string Hash)
{
    /// <summary>Which journal.</summary>
    [JsonIgnore]
    public JournalKey Key => new(Tenant, Journal);

    /// <summary>The root of the journal's tree there, if it was anchored with one; lower-case hex.</summary>
    [JsonIgnore]
    public string? Root { get; init; }
}

/// <summary>Writes heads out and reads them back.</summary>
public static class HeadExport
{
    private const string Heads =
        """
        select tenant, journal, position, recorded_at, hash from ledger.heads
        where position > 0 and tenant = $1 order by journal
        """;

    private const string EveryHead =
        """
        select tenant, journal, position, recorded_at, hash from ledger.every_head()
        where position > 0 order by tenant collate "C", journal collate "C"
        """;

    /// <summary>The heads of a tenant's journals, or of all, at one moment.</summary>
    /// <param name="database">Connections of any role that may read journals.</param>
    /// <param name="tenant">One tenant, or <c>null</c> for all.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<IReadOnlyList<ExportedHead>> ReadAsync(
        NpgsqlDataSource database, string? tenant, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(database, tenant ?? "", tenant is null ? EveryHead : Heads);
        if (tenant is not null)
        {
            select.Parameters.Add(JournalRows.Text(tenant));
        }

        var heads = new List<ExportedHead>();
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            heads.Add(new ExportedHead(
                rows.GetString(0),
                rows.GetString(1),
                rows.GetInt64(2),
                JournalRows.InstantOf(rows, 3),
                Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(4))));
        }

        return heads;
    }

    /// <summary>The heads as JSON: a list of objects, one a journal.</summary>
    public static string Write(IReadOnlyList<ExportedHead> heads) => JsonSerializer.Serialize(heads, Wire.Indented);

    /// <summary>Reads what <see cref="Write"/> wrote, or anchors with all of their heads.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    /// <exception cref="ProofException">The anchors were changed.</exception>
    public static IReadOnlyList<ExportedHead> Parse(string json) => json.StartsWith('{')
        ? [.. Anchor.ReadAll(json).SelectMany(anchor => anchor.Heads).Distinct().Select(Of)]
        : JsonSerializer.Deserialize<List<ExportedHead>>(json, Wire.Options)
            ?? throw new JsonException("Heads are a list.");

    private static ExportedHead Of(TreeHead head) =>
        new(head.Tenant, head.Journal, head.Size, head.RecordedAt, head.Hash) { Root = head.Root };
}
