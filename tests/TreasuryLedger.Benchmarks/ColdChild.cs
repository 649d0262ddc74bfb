using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using TreasuryLedger.Benchmarks.Rows;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Benchmarks;

/// <summary>The program started again by itself, to be measured from start to end.</summary>
public static class ColdChild
{
    /// <summary>The first argument of such a start.</summary>
    public const string Verb = "cold-child";

    /// <summary>What it says.</summary>
    /// <param name="MemoryMiB">Most memory it ever had resident.</param>
    /// <param name="Text">The figure, and where the time went.</param>
    public sealed record Answer(double MemoryMiB, string Text);

    /// <summary>Runs it: what, tenant and treasury as arguments, the connection string on the standard input.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var started = DateTime.Now - Process.GetCurrentProcess().StartTime;
        var connection = (await Console.In.ReadLineAsync())!;
        await using var database = NpgsqlDataSource.Create(connection);
        var journal = JournalKey.Treasury(args[2], args[3]);
        var watch = Stopwatch.StartNew();
        var chain = args[1] == "verify" ? $"{Text.Whole(await VerifyAsync(database, journal))} hashes right" : "";
        var verified = watch.Elapsed;
        var reader = new JournalReader(database, TimeProvider.System);
        await Totals.EntriesAsync(reader, journal);
        var read = watch.Elapsed;
        var figures = Totals.FiguresOf(await Totals.AtAsync(reader, journal, Instant.Max, null));
        var text = $"{figures}; start {Text.Short(started.TotalSeconds)} s, "
            + (chain.Length == 0 ? "" : $"{chain} {Text.Short(verified.TotalSeconds)} s, ")
            + $"read {Text.Short((read - verified).TotalSeconds)} s, "
            + $"fold {Text.Short((watch.Elapsed - read).TotalSeconds)} s";
        Console.WriteLine(JsonSerializer.Serialize(new Answer(Machine.PeakMemoryMiB(), text)));
        return 0;
    }

    /// <summary>Hashes every stored entry again, one after the other, against the stored chain and the head.</summary>
    private static async Task<long> VerifyAsync(NpgsqlDataSource database, JournalKey journal)
    {
        await using var select = database.CreateCommand(
            """
            select event.data, entry.hash, head.position, head.hash
            from journal.mt_events event
            join ledger.entries entry on entry.tenant = event.tenant_id and entry.journal = event.stream_id
                and entry.position = event.version
            join ledger.heads head on head.tenant = entry.tenant and head.journal = entry.journal
            where event.tenant_id = $1 and event.stream_id = $2
            order by event.version
            """);
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = journal.Tenant });
        select.Parameters.Add(new NpgsqlParameter<string> { TypedValue = journal.Journal });
        var (previous, position, head, last) =
            (HashChain.Origin(journal.Tenant, journal.Journal), 0L, 0L, Array.Empty<byte>());
        await using var rows = await select.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            previous = HashChain.Next(previous, rows.GetFieldValue<byte[]>(0));
            position++;
            (head, last) = (rows.GetInt64(2), rows.GetFieldValue<byte[]>(3));
            if (!previous.AsSpan().SequenceEqual(rows.GetFieldValue<byte[]>(1)))
            {
                throw new InvalidDataException($"The hash of entry {position} is wrong.");
            }
        }

        return position == head && previous.AsSpan().SequenceEqual(last)
            ? position
            : throw new InvalidDataException("The chain does not end at the head.");
    }
}
