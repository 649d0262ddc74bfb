using System.Text;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Lists;

/// <summary>Adds rows to the tables of lists.</summary>
internal static class ListTables
{
    /// <summary>Where the tables are that are read.</summary>
    public const string Schema = "lists";

    private static readonly (string Columns, Action<StringBuilder, string, Entry> Write)[] Tables =
    [
        ("entries (tenant, journal, position, effective_at, event_type, mode, quality, actor, source, fact_id)",
            ListRows.WriteEntry),
        ("movements (tenant, journal, position, leg, side, account, asset, units)", ListRows.WriteMovements),
        ("prices (tenant, journal, position, asset, currency, price)", ListRows.WritePrice),
    ];

    /// <summary>Rows of entries as text, one for each table, ready to be copied.</summary>
    public static string[] Write(JournalKey key, IReadOnlyList<Entry> entries)
    {
        var journal = ListRows.KeyOf(key);
        return
        [
            .. Tables.Select(table =>
            {
                var lines = new StringBuilder(entries.Count * 100);
                foreach (var entry in entries)
                {
                    table.Write(lines, journal, entry);
                }

                return lines.ToString();
            }),
        ];
    }

    /// <summary>Copies rows into the tables.</summary>
    public static async Task CopyAsync(
        NpgsqlConnection connection, string schema, string[] rows, CancellationToken cancellation)
    {
        foreach (var (table, lines) in Tables.Zip(rows).Where(table => table.Second.Length > 0))
        {
            await using var copy = await connection.BeginTextImportAsync(
                $"copy {schema}.{table.Columns} from stdin", cancellation);
            await copy.WriteAsync(lines.AsMemory(), cancellation);
        }
    }
}
