using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Facts;

/// <summary>A fill as a row tells it.</summary>
/// <param name="Name">What it says: alike fills of one second have one name.</param>
/// <param name="Pair">Of which pair.</param>
/// <param name="Second">In which second.</param>
/// <param name="Trade">The exchange's number of it, where the row has one.</param>
/// <param name="Number">Which of the alike fills of its payload it is, from 1 on.</param>
/// <param name="FactOf">The fact by that number.</param>
internal sealed record FillTold(
    string Name, string Pair, Instant Second, string? Trade, int Number, Func<int, FactId> FactOf);

/// <summary>A fill in the first or last second of a payload.</summary>
/// <param name="Fill">Its name.</param>
/// <param name="Second">Which of both seconds.</param>
/// <param name="Trade">The exchange's number of it, if that was told.</param>
/// <param name="Number">Which of the alike ones it was taken to be; 0 if nobody knows.</param>
internal sealed record EdgeFill(string Fill, Instant Second, string? Trade, int Number);

/// <summary>
/// From which second to which one a payload tells fills. It may be cut inside these two, and nowhere else.
/// </summary>
/// <param name="Payload">Its hash.</param>
/// <param name="Pair">The pair that it is of; empty if it has every pair.</param>
/// <param name="Oldest">The first second.</param>
/// <param name="Newest">The last second.</param>
/// <param name="Edges">The fills in them.</param>
internal sealed record FillSpan(
    string Payload, string Pair, Instant Oldest, Instant Newest, ImmutableArray<EdgeFill> Edges)
{
    /// <summary>
    /// Which of alike fills those in the first and the last second are. Where another payload ends in the second in
    /// which this one begins, a fill of both may be one or two: the exchange's number tells, otherwise nobody does.
    /// </summary>
    /// <param name="fills">The fills in both seconds, in the order of the payload.</param>
    /// <param name="others">What is known of payloads that have one of the seconds, this one included.</param>
    /// <returns>By fill its number; 0 where it has to wait for a payload that has the second in its middle.</returns>
    public ImmutableArray<int> NumbersOf(IReadOnlyList<FillTold> fills, IReadOnlyList<FillSpan> others)
    {
        var (numbers, taken) = (ImmutableArray.CreateBuilder<int>(fills.Count), new HashSet<(string, int)>());
        taken.UnionWith(others.SelectMany(other => other.Edges).Where(edge => edge.Trade is not null)
            .Select(edge => (edge.Fill, edge.Number)));
        foreach (var fill in fills)
        {
            var known = others.SelectMany(other => other.Edges.Where(edge => IsSettled(other, edge, fill)))
                .FirstOrDefault();
            if (known is not null || others.Any(other => IsInTheMiddleOf(other, fill)))
            {
                numbers.Add(known?.Number ?? fill.Number);
            }
            else if (!others.Any(other => IsToldAlike(other, fill)) && others.Any(other => Touches(other, fill)))
            {
                numbers.Add(0);
            }
            else if (fill.Trade is null)
            {
                numbers.Add(fill.Number);
            }
            else
            {
                numbers.Add(Enumerable.Range(1, int.MaxValue).First(number => taken.Add((fill.Name, number))));
            }
        }

        return numbers.MoveToImmutable();
    }

    /// <summary>
    /// Whether it has a number: by that of the exchange, or because this very payload came before. What it was numbered
    /// then stays, recorded or not.
    /// </summary>
    private bool IsSettled(FillSpan other, EdgeFill edge, FillTold fill) =>
        edge.Fill == fill.Name && edge.Trade == fill.Trade && edge.Number > 0
        && (fill.Trade is not null || (other.Payload == Payload && edge.Number == fill.Number));

    private bool IsInTheMiddleOf(FillSpan other, FillTold fill) =>
        other.Payload != Payload && (other.Pair.Length == 0 || other.Pair == fill.Pair)
        && other.Oldest < fill.Second && fill.Second < other.Newest;

    /// <summary>Whether one that begins or ends in the same second told the fill: then it is settled.</summary>
    private bool IsToldAlike(FillSpan other, FillTold fill) =>
        other.Payload != Payload && EndsAlike(other, fill)
        && other.Edges.Any(edge => edge.Fill == fill.Name && edge.Number == fill.Number);

    private bool EndsAlike(FillSpan other, FillTold fill) =>
        (other.Oldest == fill.Second && Oldest == fill.Second)
        || (other.Newest == fill.Second && Newest == fill.Second);

    /// <summary>Whether one ends where the other begins, with a fill that no number tells apart.</summary>
    private bool Touches(FillSpan other, FillTold fill) =>
        other.Payload != Payload && !EndsAlike(other, fill)
        && other.Edges.Any(edge => edge.Fill == fill.Name && (edge.Trade is null || fill.Trade is null));
}

/// <summary>Keeps where payloads of fills begin and end.</summary>
/// <param name="databases">Where journals lie.</param>
public sealed class FillSpans(TenantDatabases databases)
{
    private const string Take = "select pg_advisory_xact_lock(hashtextextended($1, 1))";

    private const string Near =
        """
        select encode(payload, 'hex'), pair, oldest, newest, edges from ledger.fill_spans
        where tenant = $1 and journal = $2 and source = $3 and ($4 = '' or pair in ('', $4))
          and oldest <= $6 and newest >= $5
        """;

    private const string Keep =
        """
        insert into ledger.fill_spans (tenant, journal, source, pair, oldest, newest, edges, payload)
        values ($1, $2, $3, $4, $5, $6, $7, decode($8, 'hex')) on conflict do nothing
        """;

    /// <summary>Says which fills those at both ends of a payload are, and keeps it.</summary>
    /// <param name="journal">The treasury.</param>
    /// <param name="source">The source.</param>
    /// <param name="payload">The payload's hash.</param>
    /// <param name="pair">The pair that it is of; empty if it has every pair.</param>
    /// <param name="fills">The fills in its first and its last second, in its order; at least one.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>By fill its number; 0 where it has to wait.</returns>
    internal async Task<ImmutableArray<int>> SettleAsync(
        JournalKey journal,
        string source,
        byte[] payload,
        string pair,
        IReadOnlyList<FillTold> fills,
        CancellationToken cancellation)
    {
        var (oldest, newest) = (fills.Min(fill => fill.Second), fills.Max(fill => fill.Second));
        var span = new FillSpan(Convert.ToHexStringLower(payload), pair, oldest, newest, []);
        await using var connection = await databases.OpenAsync(journal.Tenant, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Two pages at once would both take the same number.
        await using var wait = new NpgsqlCommand(Take, connection);
        wait.Parameters.Add(JournalRows.Text($"{journal} {source}"));
        await wait.ExecuteNonQueryAsync(cancellation);
        await using var near = Ask(Near);
        var others = new List<FillSpan>();
        await using (var rows = await near.ExecuteReaderAsync(cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                others.Add(new FillSpan(
                    rows.GetString(0), rows.GetString(1), JournalRows.InstantOf(rows, 2),
                    JournalRows.InstantOf(rows, 3),
                    JsonSerializer.Deserialize<ImmutableArray<EdgeFill>>(rows.GetString(4), Wire.Options)));
            }
        }

        var numbers = span.NumbersOf(fills, others);
        await using var keep = Ask(Keep);
        keep.Parameters.Add(new NpgsqlParameter<string>
        {
            TypedValue = JsonSerializer.Serialize(
                fills.Zip(numbers, (fill, number) => new EdgeFill(fill.Name, fill.Second, fill.Trade, number)),
                Wire.Options),
            NpgsqlDbType = NpgsqlDbType.Jsonb,
        });
        keep.Parameters.Add(JournalRows.Text(span.Payload));
        await keep.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return numbers;

        TenantCommand Ask(string sql) => new(connection, journal, sql)
        {
            Parameters =
            {
                JournalRows.Text(source),
                JournalRows.Text(pair),
                new NpgsqlParameter<DateTime> { TypedValue = oldest.ToUtc() },
                new NpgsqlParameter<DateTime> { TypedValue = newest.ToUtc() },
            },
        };
    }
}
