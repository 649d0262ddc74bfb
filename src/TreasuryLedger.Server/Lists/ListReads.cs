using System.Runtime.CompilerServices;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>Small reads on which lists stand.</summary>
internal static class ListReads
{
    // Recorded instants rise with positions, so a position is found by halving: twenty steps in a million entries.
    private const string SelectPosition =
        """
        with recursive search (low, high) as (
            select 0::bigint, $3::bigint
            union all
            select case when e.recorded_at <= $4 then middle else low end,
                case when e.recorded_at <= $4 then high else middle - 1 end
            from (select low, high, (low + high + 1) / 2 as middle from search where low < high) s
            join ledger.entries e on e.tenant = $1 and e.journal = $2 and e.position = middle)
        select low from search where low = high
        """;

    private const string SelectFirst =
        "select data from journal.mt_events where tenant_id = $1 and stream_id = $2 and version = 1";

    private const string SelectAssets =
        """
        select d.data from lists.entries e
        join journal.mt_events d on d.tenant_id = $1 and d.stream_id = $2 and d.version = e.position
        where e.tenant = $1 and e.journal = $2 and e.event_type = $3 and e.position <= $4
            and not exists (select from ledger.entries v
                where v.voids = e.position and v.journal = $2 and v.tenant = $1 and v.position <= $4)
        order by e.position
        """;

    private const string CountErased =
        "select count(*) from ledger.texts where tenant = $1 and journal = $2 and erased_at is not null";

    /// <summary>How many entries of a journal were recorded at or before an instant.</summary>
    public static async Task<long> PositionAsync(
        NpgsqlConnection connection, JournalKey key, HeadRow now, Instant? at, CancellationToken cancellation)
    {
        if (at is not { } instant || instant >= now.Head.RecordedAt)
        {
            return now.Head.Position;
        }

        await using var select = new TenantCommand(connection, key, SelectPosition);
        select.Parameters.Add(JournalRows.Number(now.Head.Position));
        select.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = instant.ToUtc() });
        return await select.ExecuteScalarAsync(cancellation) as long?
            ?? throw new InvalidDataException($"Positions of {key} have a gap: the journal is damaged.");
    }

    /// <summary>The time zone in which a journal's days end; books have none of their own.</summary>
    public static async Task<TimeZoneInfo> ZoneAsync(
        NpgsqlConnection connection, JournalKey key, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(connection, key, SelectFirst);
        return await select.ExecuteScalarAsync(cancellation) is string json
            && StoredJson.Read(System.Text.Encoding.UTF8.GetBytes(json)).Event is TreasuryOpened opened
                ? TimeZoneInfo.FindSystemTimeZoneById(opened.TimeZone)
                : TimeZoneInfo.Utc;
    }

    /// <summary>The decimals of the assets that a journal has registered up to a position.</summary>
    public static async Task<Dictionary<AssetId, int>> DecimalsAsync(
        NpgsqlConnection connection, JournalKey key, long position, CancellationToken cancellation)
    {
        await using var select = new NpgsqlCommand(SelectAssets);
        select.Parameters.AddRange(JournalRows.KeyOf(key));
        select.Parameters.Add(JournalRows.Text(
            EventNames.All.Single(pinned => pinned.Type == typeof(AssetRegistered)).Name));
        select.Parameters.Add(JournalRows.Number(position));
        var decimals = new Dictionary<AssetId, int>();
        await foreach (var row in RowsAsync(connection, key.Tenant, select, cancellation))
        {
            var asset = (AssetRegistered)StoredJson.Read(row.GetFieldValue<byte[]>(0)).Event;
            decimals[asset.Asset] = asset.Decimals;
        }

        return decimals;
    }

    /// <summary>How many texts of a journal are erased.</summary>
    public static async Task<long> ErasedAsync(
        NpgsqlConnection connection, JournalKey key, CancellationToken cancellation)
    {
        await using var count = new TenantCommand(connection, key, CountErased);
        return (long)(await count.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The one number that a statement of lists gives.</summary>
    public static async Task<long> NumberAsync(
        NpgsqlConnection connection, string tenant, NpgsqlCommand command, CancellationToken cancellation)
    {
        await foreach (var row in RowsAsync(connection, tenant, command, cancellation))
        {
            return row.GetInt64(0);
        }

        throw new InvalidOperationException("A statement that counts gave no row.");
    }

    /// <summary>
    /// The rows of a statement of lists, planned for the very values that it has: which index is the right one depends
    /// on them, and connections keep plans that know no values.
    /// </summary>
    public static async IAsyncEnumerable<NpgsqlDataReader> RowsAsync(
        NpgsqlConnection connection,
        string tenant,
        NpgsqlCommand command,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                TenantCommand.Says(tenant),
                new("set local plan_cache_mode = force_custom_plan"),
                new(command.CommandText),
            },
        };
        foreach (var parameter in command.Parameters.Cast<NpgsqlParameter>().ToList())
        {
            command.Parameters.Remove(parameter);
            batch.BatchCommands[2].Parameters.Add(parameter);
        }

        await using (var rows = await batch.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                yield return rows;
            }
        }

        await transaction.CommitAsync(cancellation);
    }
}
