using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Npgsql;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Lists;

/// <summary>Where a list stands: everything that its rows follow from.</summary>
/// <param name="Key">The journal.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Viewpoint">What the answer says of itself.</param>
/// <param name="Range">Between which positions its rows lie, the cursor aside.</param>
/// <param name="Filter">What was asked for, asOf included.</param>
/// <param name="Decimals">Those of the assets that were registered by then.</param>
/// <param name="Behind">The row behind which it begins.</param>
/// <param name="Erased">How many texts of the journal are erased now.</param>
public sealed record ListStand(
    JournalKey Key,
    ListQuestion Question,
    JournalStandpoint Viewpoint,
    PositionRange Range,
    ListFilter Filter,
    IReadOnlyDictionary<AssetId, int> Decimals,
    ListCursor? Behind,
    long Erased);

/// <summary>Looks at lists.</summary>
/// <param name="databases">Where each journal lies.</param>
/// <param name="projector">Applies what a read needs and the tables do not have yet.</param>
/// <param name="cursors">Signs cursors.</param>
/// <param name="time">Measures how long a read waits.</param>
public sealed class ListLookout(
    TenantDatabases databases, ListProjector projector, CursorKey cursors, TimeProvider time)
{
    /// <summary>How long a read waits for rows that are not there yet.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    /// <summary>Entries that are applied between two looks at the clock.</summary>
    private const int StepMax = 20_000;

    /// <summary>Where a list stands.</summary>
    /// <exception cref="ProblemException">It cannot be given; the problem says why.</exception>
    public async Task<ListStand> StandAsync(
        JournalKey key, ListQuestion question, CancellationToken cancellation)
    {
        var behind = question.Cursor is { } text
            ? ListCursor.Read(await cursors.GetAsync(cancellation), question.Text(key), text)
            : null;
        if (behind is not null && question.KnownAt is { } named && named != behind.KnownAt)
        {
            throw ProblemException.Of(
                ErrorRegistry.CursorInvalid, $"The cursor was given for knownAt {behind.KnownAt}.");
        }

        await using var connection = await databases.OpenAsync(key.Tenant, cancellation);
        var knownAt = behind?.KnownAt ?? question.KnownAt;
        var now = Lookout.Found(
            await JournalReader.SettledAsync(connection, key, knownAt, question.MinPosition, cancellation), key);
        var position = await ListReads.PositionAsync(connection, key, now, knownAt, cancellation);
        if (position == 0)
        {
            Lookout.Found(new ReadOutcome<HeadRow>.NotOpened(), key); // as known then, there was nothing
        }

        await ReachAsync(connection, key, position, cancellation);
        var range = new PositionRange(
            question.Filter.RecordedFrom is { Microseconds: > 0 } from
                ? await ListReads.PositionAsync(connection, key, now, from.Plus(-1), cancellation) : 0,
            question.Filter.RecordedUntil switch
            {
                null => position,
                { Microseconds: <= 0 } => 0,
                { } until => Math.Min(
                    position, await ListReads.PositionAsync(connection, key, now, until.Plus(-1), cancellation)),
            });
        var asOf = question.AsOf?.In(await ListReads.ZoneAsync(connection, key, cancellation));
        var filter = asOf is { } last && (question.Filter.EffectiveUntil is not { } end || end > last)
            ? question.Filter with { EffectiveUntil = last.Plus(1) }
            : question.Filter;
        return new ListStand(
            key,
            question,
            new JournalStandpoint(
                key.Journal, asOf, knownAt ?? now.Head.RecordedAt, position, now.Head.ReplayedClock),
            range,
            filter,
            await ListReads.DecimalsAsync(connection, key, position, cancellation),
            behind,
            await ListReads.ErasedAsync(connection, key, cancellation));
    }

    /// <summary>The cursor of a row, as callers get it.</summary>
    public async Task<string> CursorAsync(ListStand stand, long position, int leg, CancellationToken cancellation) =>
        new ListCursor(stand.Viewpoint.KnownAt, position, leg)
            .Write(await cursors.GetAsync(cancellation), stand.Question.Text(stand.Key));

    /// <summary>Entries, at most so many.</summary>
    public async Task<List<EntryRow>> EntriesAsync(
        ListStand stand, (long Position, int Leg)? behind, int rows, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(stand.Key.Tenant, cancellation);
        var positions = new List<long>(rows);
        await using (var page = Sql(stand).Entries(RangeOf(stand, behind, isWhole: true), stand.Question.Order, rows))
        {
            await foreach (var row in ListReads.RowsAsync(connection, stand.Key.Tenant, page, cancellation))
            {
                positions.Add(row.GetInt64(0));
            }
        }

        return await EntryRows.ReadAsync(connection, stand.Key, positions, stand.Viewpoint.Position, cancellation);
    }

    /// <summary>Movements, at most so many.</summary>
    public async Task<List<MovementRow>> MovementsAsync(
        ListStand stand, (long Position, int Leg)? behind, int rows, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(stand.Key.Tenant, cancellation);
        await using var page = Sql(stand).Movements(
            RangeOf(stand, behind, isWhole: false), behind, stand.Question.Order, rows);
        var movements = new List<MovementRow>(rows);
        await foreach (var row in ListReads.RowsAsync(connection, stand.Key.Tenant, page, cancellation))
        {
            var asset = AssetId.Parse(row.GetString(4));
            movements.Add(new MovementRow(
                row.GetInt64(0), row.GetInt16(1), Word<MovementSide>(row.GetString(2)),
                AccountId.Parse(row.GetString(3)), asset, Tokens(stand, asset, row.GetString(5)),
                JournalRows.InstantOf(row, 6), JournalRows.InstantOf(row, 7), row.GetString(8),
                FactId.Parse(row.GetString(9)), row.GetString(10), Word<EvidenceQuality>(row.GetString(11)),
                row.IsDBNull(12) ? null : row.GetInt64(12)));
        }

        return movements;
    }

    /// <summary>Prices, at most so many.</summary>
    public async Task<List<RecordedPriceRow>> PricesAsync(
        ListStand stand, (long Position, int Leg)? behind, int rows, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(stand.Key.Tenant, cancellation);
        await using var page = Sql(stand).Prices(RangeOf(stand, behind, isWhole: true), stand.Question.Order, rows);
        var prices = new List<RecordedPriceRow>(rows);
        await foreach (var row in ListReads.RowsAsync(connection, stand.Key.Tenant, page, cancellation))
        {
            prices.Add(new RecordedPriceRow(
                row.GetInt64(0), AssetId.Parse(row.GetString(1)), AssetId.Parse(row.GetString(2)),
                ExactDecimal.Parse(row.GetString(3)), JournalRows.InstantOf(row, 4), JournalRows.InstantOf(row, 5),
                FactId.Parse(row.GetString(6)), row.GetString(7), Word<EvidenceQuality>(row.GetString(8)),
                row.IsDBNull(9) ? null : row.GetInt64(9)));
        }

        return prices;
    }

    /// <summary>What all rows add up to, wherever a cursor stands.</summary>
    public async Task<EntrySumsAnswer> SumsAsync(ListStand stand, CancellationToken cancellation)
    {
        await using var connection = await databases.OpenAsync(stand.Key.Tenant, cancellation);
        long entries;
        await using (var count = Sql(stand).CountEntries(stand.Range))
        {
            entries = await ListReads.NumberAsync(connection, stand.Key.Tenant, count, cancellation);
        }

        var sums = ImmutableArray.CreateBuilder<MovementSum>();
        await using var sum = Sql(stand).SumMovements(stand.Range);
        await foreach (var row in ListReads.RowsAsync(connection, stand.Key.Tenant, sum, cancellation))
        {
            var asset = AssetId.Parse(row.GetString(1));
            var (income, outgo) = (Units(row.GetString(3)), Units(row.GetString(4)));
            sums.Add(new MovementSum(
                Word<MovementSide>(row.GetString(0)), asset, row.GetInt64(2),
                Tokens(stand, asset, income), Tokens(stand, asset, -outgo), Tokens(stand, asset, income + outgo)));
        }

        return new EntrySumsAnswer(stand.Viewpoint, entries, sums.ToImmutable());
    }

    /// <summary>
    /// Sees to it that the tables have a journal's rows up to a position: what is missing is applied here, so a read
    /// knows what was just recorded, whatever the worker is at.
    /// </summary>
    private async Task ReachAsync(
        NpgsqlConnection connection, JournalKey key, long position, CancellationToken cancellation)
    {
        var progress = await ListProgress.ReadAsync(connection, key, cancellation) ?? ListProgress.None;
        var started = time.GetTimestamp();
        while (progress.Position < position)
        {
            if (progress.StoppedAt is { } stopped)
            {
                throw ProblemException.Of(
                    ErrorRegistry.ReadModelStopped,
                    $"Lists of {key.Journal} end before entry {stopped}, which cannot be applied.",
                    ("position", progress.Position),
                    ("needed", position));
            }

            if (time.GetElapsedTime(started) > WaitMax)
            {
                throw Behind(key, progress.Position, position);
            }

            try
            {
                progress = await projector.ApplyAsync(
                    key, Math.Min(position, progress.Position + StepMax), waits: true, retries: false, cancellation)
                    ?? progress;
            }
            catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                throw Behind(key, progress.Position, position); // a rebuild has the turn, and takes longer
            }
        }
    }

    private static ProblemException Behind(JournalKey key, long position, long needed) => ProblemException.Of(
        ErrorRegistry.ReadModelBehind,
        $"Lists of {key.Journal} have reached entry {position} of {needed}.",
        ("position", position),
        ("needed", needed));

    private static ListSql Sql(ListStand stand) => new(
        stand.Key,
        stand.Filter,
        stand.Viewpoint.Position,
        stand.Filter is { QuantityMin: null, QuantityMax: null } ? 0 : DecimalsOf(stand, stand.Filter.Asset!.Value));

    private static int DecimalsOf(ListStand stand, AssetId asset) =>
        stand.Decimals.TryGetValue(asset, out var decimals)
            ? decimals
            : throw ProblemException.Of(
                ErrorRegistry.Of(Core.Commands.RefusalCode.AssetUnknown).Code,
                $"The asset {asset} is not registered at this viewpoint, so a number of its tokens means nothing.",
                ("asset", asset));

    /// <summary>The range behind a row; of a row that is only a part of its entry, the entry included.</summary>
    private static PositionRange RangeOf(ListStand stand, (long Position, int Leg)? behind, bool isWhole)
    {
        if (behind is not { Position: var position })
        {
            return stand.Range;
        }

        var rest = isWhole ? 0 : 1;
        return stand.Question.Order == ListOrder.Oldest
            ? stand.Range with { After = Math.Max(stand.Range.After, position - rest) }
            : stand.Range with { UpTo = Math.Min(stand.Range.UpTo, position - 1 + rest) };
    }

    private static ExactDecimal Tokens(ListStand stand, AssetId asset, string units) =>
        Tokens(stand, asset, Units(units));

    private static BigInteger Units(string text) =>
        BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private static ExactDecimal Tokens(ListStand stand, AssetId asset, BigInteger units) =>
        new Quantity(units).ToTokens(stand.Decimals[asset]);

    private static T Word<T>(string text)
        where T : struct, Enum => WordConverterFactory.TryRead<T>(text, out var value)
            ? value
            : throw new InvalidDataException($"'{text}' is no {typeof(T).Name}: the tables of lists are damaged.");
}
