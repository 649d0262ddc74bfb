using System.Text;
using Npgsql;
using Shouldly;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Periods;

/// <summary>
/// Changes an entry behind the program's back and makes every hash after it right again, as only the owner of a
/// database can: the chain alone cannot tell.
/// </summary>
internal sealed class ChainForger(string owner, string tenant, string journal)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Changes a text in the stored content of an entry.</summary>
    public async Task ChangeAsync(long position, string from, string to)
    {
        await using var database = NpgsqlDataSource.Create(owner);
        var rows = new List<(long Position, string Data)>();
        await using (var select = database.CreateCommand(
            "select version, data::text from journal.mt_events where tenant_id = $1 and stream_id = $2 order by 1"))
        {
            select.Parameters.AddWithValue(tenant);
            select.Parameters.AddWithValue(journal);
            await using var reader = await select.ExecuteReaderAsync(Cancellation);
            while (await reader.ReadAsync(Cancellation))
            {
                rows.Add((reader.GetInt64(0), reader.GetString(1)));
            }
        }

        var hash = HashChain.Origin(tenant, journal);
        foreach (var (at, data) in rows)
        {
            var changed = at == position ? data.Replace(from, to, StringComparison.Ordinal) : data;
            (changed == data).ShouldBe(at != position, data);
            hash = HashChain.Next(hash, Encoding.UTF8.GetBytes(changed));
            await RunAsync(database, "update journal.mt_events set data = $4::jsonb "
                + "where tenant_id = $1 and stream_id = $2 and version = $3", at, changed);
            await RunAsync(database, "update ledger.entries set hash = $4 "
                + "where tenant = $1 and journal = $2 and position = $3", at, hash);
        }

        await RunAsync(database, "update ledger.heads set hash = $4 "
            + "where tenant = $1 and journal = $2 and position = $3", rows[^1].Position, hash);
        await foreach (var part in Derived.RebuildAsync(database, new JournalKey(tenant, journal), Cancellation))
        {
            part.Entries.ShouldBeGreaterThanOrEqualTo(0);
        }
    }

    private async Task RunAsync(NpgsqlDataSource database, string sql, long position, object value)
    {
#pragma warning disable CA2100 // one of the constants above
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddWithValue(tenant);
        command.Parameters.AddWithValue(journal);
        command.Parameters.AddWithValue(position);
        command.Parameters.AddWithValue(value);
        (await command.ExecuteNonQueryAsync(Cancellation)).ShouldBe(1);
    }
}
