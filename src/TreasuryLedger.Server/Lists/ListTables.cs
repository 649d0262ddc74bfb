using System.Text;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;

namespace TreasuryLedger.Server.Lists;

/// <summary>Adds rows to the tables of lists.</summary>
internal static class ListTables
{
    /// <summary>Where the tables are that are read.</summary>
    public const string Schema = "lists";

    private static readonly Table[] Tables =
    [
        new("entries", "tenant text, journal text, position bigint, effective_at timestamptz, event_type text, "
            + "mode text, quality text, actor text, source text, fact_id text", ListRows.WriteEntry),
        new("movements", "tenant text, journal text, position bigint, leg smallint, side text, account text, "
            + "asset text, units numeric", ListRows.WriteMovements),
        new("prices", "tenant text, journal text, position bigint, asset text, currency text, price numeric",
            ListRows.WritePrice),
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

    /// <summary>Copies rows into the tables: for the owner, since nobody under policies may copy.</summary>
    public static async Task CopyAsync(
        NpgsqlConnection connection, string schema, string[] rows, CancellationToken cancellation)
    {
        foreach (var (table, lines) in Tables.Zip(rows).Where(table => table.Second.Length > 0))
        {
            await using var copy = await connection.BeginTextImportAsync(
                $"copy {schema}.{table.Name} ({table.Names}) from stdin", cancellation);
            await copy.WriteAsync(lines.AsMemory(), cancellation);
        }
    }
    /// <summary>Inserts the same rows: for the application, of the tenant that they belong to.</summary>
    public static async Task InsertAsync(
        NpgsqlConnection connection, JournalKey key, string[] rows, CancellationToken cancellation)
    {
        foreach (var (table, lines) in Tables.Zip(rows).Where(table => table.Second.Length > 0))
        {
            await using var insert = new TenantCommand(connection, key.Tenant, table.Insert);
            foreach (var column in Columns(lines, table.Count))
            {
                insert.Parameters.Add(JournalRows.Array(NpgsqlDbType.Text, column));
            }

            await insert.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static string?[][] Columns(string lines, int count)
    {
        var rows = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = new string?[count][];
        for (var column = 0; column < count; column++)
        {
            columns[column] = new string?[rows.Length];
        }

        for (var row = 0; row < rows.Length; row++)
        {
            foreach (var (column, field) in rows[row].Split('\t').Index())
            {
                columns[column][row] = ListRows.Read(field);
            }
        }

        return columns;
    }

    private sealed record Table(string Name, string Columns, Action<StringBuilder, string, Entry> Write)
    {
        private readonly (string Name, string Type)[] _columns =
            [.. Columns.Split(", ").Select(column => column.Split(' ')).Select(words => (words[0], words[1]))];

        public int Count => _columns.Length;

        public string Names => string.Join(", ", _columns.Select(column => column.Name));

        public string Insert
        {
            get
            {
                var arrays = _columns.Select((column, index) => $"${index + 1}::{column.Type}[]");
                return $"insert into {Schema}.{Name} ({Names}) select * from unnest({string.Join(", ", arrays)})";
            }
        }
    }
}
