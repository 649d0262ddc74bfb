using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Lists;

/// <summary>What a movement of an entry is about.</summary>
public enum MovementSide
{
    /// <summary>Units held.</summary>
    Held,

    /// <summary>Units owed by a lending position.</summary>
    Owed,

    /// <summary>What an instruction intends: nothing moved yet.</summary>
    Intended,

    /// <summary>What a second source claims against a recorded fact: nothing moved by it.</summary>
    Claimed,

    /// <summary>An account or asset that the entry names without moving units.</summary>
    Named,
}

/// <summary>One change of units that an entry says, or a name that it mentions.</summary>
/// <param name="Side">What it is about.</param>
/// <param name="Account">Where; absent if only the asset is named.</param>
/// <param name="Asset">Of what; absent if only the account is named.</param>
/// <param name="Units">Smallest units, more than zero in, less than zero out; absent for a name.</param>
public readonly record struct ListedMovement(
    MovementSide Side, AccountId? Account, AssetId? Asset, Core.Money.Quantity? Units);

/// <summary>
/// The rows that lists are read from, as a function of single entries: what one entry adds never depends on another, so
/// rows are only ever added.
/// </summary>
public static class ListRows
{
    /// <summary>The movements of an event, in the order of their legs (from 0 on).</summary>
    /// <exception cref="UnreachableEventException">The event is not known here.</exception>
    public static IEnumerable<ListedMovement> MovementsOf(LedgerEvent happened) =>
    [
        .. Movements.Held(happened).Select(moved => Of(MovementSide.Held, moved)),
        .. Movements.Owed(happened).Select(moved => Of(MovementSide.Owed, moved)),
        .. happened switch
        {
            InstructionGiven given => MovementsOf(given.Intended).Select(m => m with { Side = MovementSide.Intended }),
            BreakOpened opened => MovementsOf(opened.Claim).Select(m => m with { Side = MovementSide.Claimed }),
            // Nothing of it is instructed yet; who looks for the account or the asset finds it.
            ChangeProposed proposed => MovementsOf(proposed.Change)
                .Select(m => m with { Side = MovementSide.Named, Units = null }).Distinct(),
            AccountRegistered account => [new(MovementSide.Named, account.Account, null, null)],
            AssetRegistered asset => [new(MovementSide.Named, null, asset.Asset, null)],
            PriceRecorded price => [new(MovementSide.Named, null, price.Asset, null)],
            MarketStateRecorded state => [new(MovementSide.Named, null, state.Asset, null)],
            ReserveUpdated updated => [new(MovementSide.Named, null, updated.Asset, null)],
            ReserveConfigured reserve => [new(MovementSide.Named, null, reserve.Asset, null)],
            ReserveUseRecorded use => [new(MovementSide.Named, null, use.Asset, null)],
            EModeChosen chosen => [new(MovementSide.Named, chosen.Position, null, null)],
            CollateralSwitched switched => [new(MovementSide.Named, switched.Position, switched.Asset, null)],
            LoanTermsAgreed terms => [new(MovementSide.Named, terms.Position, null, null)],
            UnitsLocked locked => [new(MovementSide.Named, locked.Locked.Account, locked.Locked.Asset, null)],
            TransferDispatched sent => [new(MovementSide.Named, sent.To, sent.Sent.Asset, null)],
            _ => Array.Empty<ListedMovement>(),
        },
    ];

    /// <summary>A word of an enumeration as rows and callers have it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => Words<T>.Of.GetOrAdd(
            value, static known => JsonNamingPolicy.CamelCase.ConvertName(known.ToString()));

    /// <summary>The row of <c>lists.entries</c> as a line of a text copy.</summary>
    internal static void WriteEntry(StringBuilder lines, string journal, Entry entry)
    {
        lines.Append(journal).Append('\t').Append(CultureInfo.InvariantCulture, $"{entry.Position}\t")
            .Append(entry.EffectiveAt.ToString()).Append('\t')
            .Append(EventNames.Of(entry.Event).Name).Append('\t')
            .Append(Word(entry.Mode)).Append('\t')
            .Append(Word(entry.Quality)).Append('\t');
        WriteText(lines, entry.Actor).Append('\t');
        WriteText(lines, entry.Source).Append('\t').Append(entry.Fact).Append('\n');
    }

    /// <summary>The rows of <c>lists.movements</c>.</summary>
    internal static void WriteMovements(StringBuilder lines, string journal, Entry entry)
    {
        foreach (var (leg, moved) in MovementsOf(entry.Event).Index())
        {
            lines.Append(journal).Append('\t')
                .Append(CultureInfo.InvariantCulture, $"{entry.Position}\t{leg}\t{Word(moved.Side)}\t")
                .Append(moved.Account?.ToString() ?? Null).Append('\t')
                .Append(moved.Asset?.ToString() ?? Null).Append('\t')
                .Append(moved.Units?.ToString() ?? Null).Append('\n');
        }
    }

    /// <summary>The row of <c>lists.prices</c>, if the entry is a price.</summary>
    internal static void WritePrice(StringBuilder lines, string journal, Entry entry)
    {
        if (entry.Event is PriceRecorded price)
        {
            lines.Append(journal).Append('\t').Append(CultureInfo.InvariantCulture, $"{entry.Position}\t")
                .Append(price.Asset).Append('\t').Append(price.Currency).Append('\t').Append(price.Price).Append('\n');
        }
    }

    /// <summary>Tenant and journal, which lead every row; their characters need no escape.</summary>
    internal static string KeyOf(Journal.JournalKey key) => $"{key.Tenant}\t{key.Journal}";

    private const string Null = "\\N";

    private static ListedMovement Of(MovementSide side, Movement moved) =>
        new(side, moved.Account, moved.Asset, moved.Change);

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly ConcurrentDictionary<T, string> Of = new();
    }

    /// <summary>What a field of a line says.</summary>
    internal static string? Read(string field) => !field.Contains('\\', StringComparison.Ordinal) ? field
        : field == Null ? null
        : string.Join('\\', field.Split("\\\\").Select(part => part
            .Replace("\\t", "\t", StringComparison.Ordinal)
            .Replace("\\n", "\n", StringComparison.Ordinal)
            .Replace("\\r", "\r", StringComparison.Ordinal)));

    /// <summary>A text whose characters are not of an allow-list.</summary>
    private static StringBuilder WriteText(StringBuilder lines, string text)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '\\' => lines.Append("\\\\"),
                '\t' => lines.Append("\\t"),
                '\n' => lines.Append("\\n"),
                '\r' => lines.Append("\\r"),
                _ => lines.Append(character),
            };
        }

        return lines;
    }
}
