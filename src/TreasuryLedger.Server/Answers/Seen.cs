using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Answers;

/// <summary>The settled positions that an answer read: nothing behind them counted.</summary>
/// <param name="Treasury">In the treasury's journal.</param>
/// <param name="PriceBook">In its price book; 0 if that had no entry.</param>
/// <param name="MarketBook">In its market book; 0 if that had no entry.</param>
public sealed record PositionVector(long Treasury, long PriceBook, long MarketBook);

/// <summary>Where an answer stands. The same in two answers means the same bytes in all else.</summary>
/// <param name="Treasury">The treasury.</param>
/// <param name="AsOf">The instant in the world (inclusive).</param>
/// <param name="KnownAt">The instant in the ledger (inclusive).</param>
/// <param name="Positions">The positions of that instant.</param>
/// <param name="CalculationVersion">The version of the rules that derived the answer.</param>
/// <param name="Policy">The terms under which it was derived.</param>
/// <param name="IsOfficial">Whether those are the treasury's own.</param>
/// <param name="ReportingCurrency">The currency of every amount.</param>
/// <param name="ReplayedClock">Recorded instants come from a script, not from a clock.</param>
/// <param name="Illustrative">The books illustrate something and are nobody's.</param>
/// <param name="Book">The book that was asked, if the question named one; its terms at asOf are in the policy.</param>
/// <param name="IsWhatIf">Whether the question changes terms of the book that it names.</param>
public sealed record Standpoint(
    string Treasury,
    Instant AsOf,
    Instant KnownAt,
    PositionVector Positions,
    string CalculationVersion,
    PolicyTerms Policy,
    bool IsOfficial,
    AssetId ReportingCurrency,
    bool ReplayedClock,
    bool Illustrative,
    string? Book = null,
    bool? IsWhatIf = null)
{
    /// <summary>The version of the rules. A change that alters any past figure raises it.</summary>
    public const string Version = "1";
}

/// <summary>A treasury as a question sees it: what every answer is made from.</summary>
/// <param name="View">The journals as known.</param>
/// <param name="Opened">The treasury's first entry.</param>
/// <param name="Derived">What follows from them, once somebody looks.</param>
/// <param name="Standpoint">What the answer says of itself.</param>
/// <param name="Choice">The book that is asked, with what the question changes of it.</param>
/// <param name="Cost">Counts what the answer costs.</param>
public sealed record Seen(
    TreasuryView View,
    TreasuryOpened Opened,
    Lazy<TreasuryAt> Derived,
    Standpoint Standpoint,
    BookChoice Choice,
    FoldCost Cost)
{
    /// <summary>What follows from them. Where an answer stands is known without it.</summary>
    public TreasuryAt At => Derived.Value;

    /// <summary>The same book at another instant in the world.</summary>
    public TreasuryAt AsOf(Instant asOf) => View.At(asOf, Choice, Cost);

    /// <summary>The same book as known earlier; absent if the treasury was not opened then.</summary>
    public TreasuryAt? KnownAt(Instant knownAt) => View.At(Standpoint.AsOf, knownAt, Choice, Cost);

    /// <summary>Another book at the same viewpoint.</summary>
    /// <exception cref="ProblemException">There is none of that name then.</exception>
    public TreasuryAt Of(BookChoice other)
    {
        Lookout.Check(View, Opened, Standpoint.AsOf, other);
        return View.At(Standpoint.AsOf, other, Cost);
    }

    /// <summary>The treasury's time zone.</summary>
    public TimeZoneInfo Zone => TimeZoneInfo.FindSystemTimeZoneById(Opened.TimeZone);

    /// <summary>Digits to which amounts of statements are rounded.</summary>
    /// <exception cref="ProblemException">The reporting currency is not registered yet.</exception>
    public int Digits => At.Registers.Assets.TryGetValue(Standpoint.ReportingCurrency, out var currency)
        ? Math.Min(currency.Decimals, Amount.Decimals)
        : throw ProblemException.Of(
            ErrorRegistry.Of(Core.Commands.RefusalCode.AssetUnknown).Code,
            $"The reporting currency {Standpoint.ReportingCurrency} is not registered, so nothing can be rounded to "
            + "it.",
            ("asset", Standpoint.ReportingCurrency));

    /// <summary>Whether the reporting currency is registered there: without it nothing has a value.</summary>
    public bool KnowsCurrency(TreasuryAt at) => at.Registers.Assets.ContainsKey(Opened.ReportingCurrency);

    /// <summary>Units as whole tokens.</summary>
    public ExactDecimal Tokens(AssetId asset, Quantity quantity) =>
        quantity.ToTokens(At.Registers.DecimalsOf(asset));
}

/// <summary>Looks at treasuries for HTTP and the command line.</summary>
/// <param name="reader">Reads journals.</param>
/// <param name="time">Says what "now" is where a question names no instant in the world.</param>
public sealed class Lookout(JournalReader reader, TimeProvider time)
{
    /// <summary>A treasury's journals as known at an instant.</summary>
    /// <exception cref="ProblemException">There is no such treasury then, or the instant is not settled.</exception>
    public async Task<TreasuryView> ReadAsync(
        JournalKey treasury, Instant? knownAt, long minPosition, CancellationToken cancellation) =>
        Found(
            await reader.ReadTreasuryAsync(treasury.Tenant, treasury.Id!, knownAt, minPosition, cancellation),
            treasury);

    /// <summary>A journal as known at an instant.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<JournalView> ReadJournalAsync(
        JournalKey key, Instant? knownAt, long minPosition, CancellationToken cancellation) =>
        Found(await reader.ReadAsync(key, knownAt, minPosition, cancellation), key);

    /// <summary>A treasury as a question sees it.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<Seen> SeeAsync(JournalKey treasury, Question question, CancellationToken cancellation) =>
        See(await ReadAsync(treasury, question.KnownAt, question.MinPosition, cancellation), question, cancellation);

    /// <summary>What journals say to a question.</summary>
    /// <param name="view">The journals.</param>
    /// <param name="question">The question.</param>
    /// <param name="stop">Ends what is folded for it.</param>
    public Seen See(TreasuryView view, Question question, CancellationToken stop = default)
    {
        var opened = (TreasuryOpened)view.Treasury.Entries[0].Event;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(opened.TimeZone);
        var viewpoint = new Viewpoint(question.AsOf?.In(zone) ?? Now(view), view.KnownAt);
        var (choice, cost) = (question.Choice, new FoldCost(stop));
        var terms = Check(view, opened, viewpoint.AsOf, choice);
        CheckCurrency(view, choice);
        var isOfficial = choice.Name == StarterBooks.Official && choice.Currency is null
            && terms == Check(view, opened, viewpoint.AsOf, BookChoice.Official);
        var derived = new Lazy<TreasuryAt>(() => view.At(viewpoint.AsOf, choice, cost));
        var standpoint = new Standpoint(
            view.Treasury.Head.Journal.Id!,
            viewpoint.AsOf,
            viewpoint.KnownAt,
            new PositionVector(view.Treasury.Head.Position, view.Prices.Head.Position, view.Markets.Head.Position),
            Standpoint.Version,
            terms,
            isOfficial,
            choice.Currency ?? opened.ReportingCurrency,
            opened.ReplayedClock,
            opened.Illustrative,
            choice.Book,
            choice.Book is null ? null : choice.IsWhatIf);
        return new Seen(view, opened, derived, standpoint, choice, cost);
    }

    /// <summary>The terms of a book at an instant in the world, with what the question changes.</summary>
    /// <exception cref="ProblemException">There is no book of that name then.</exception>
    internal static PolicyTerms Check(TreasuryView view, TreasuryOpened opened, Instant asOf, BookChoice choice)
    {
        var name = choice.Name;
        var books = NamedBook.All(view.Books.Log, opened.Policy, asOf, view.Treasury.Head.Position);
        return books.FirstOrDefault(book => book.Name == name) is { } book
            ? choice.Change(book.Terms[^1].Terms)
            : throw ProblemException.Of(
                ErrorRegistry.BookUnknown,
                $"There is no book of that name as of {asOf}, as known at {view.KnownAt}.",
                ("book", name.Length > IdText.LengthMax ? name[..IdText.LengthMax] : name),
                ("known", string.Join(", ", books.Select(known => known.Name))));
    }

    /// <summary>Refuses what is no currency: nothing could be valued or rounded in it.</summary>
    private static void CheckCurrency(TreasuryView view, BookChoice choice)
    {
        if (choice.Currency is { } currency
            && view.Books.Log.RegistersAt(view.Treasury.Head.Position).Assets.GetValueOrDefault(currency)?.Kind
                != AssetKind.Currency)
        {
            throw ProblemException.Of(
                ErrorRegistry.QueryInvalid,
                $"The parameter 'currency' is {currency}, which is not registered as a currency as known at "
                + $"{view.KnownAt}.",
                ("parameter", "currency"),
                ("currency", currency));
        }
    }

    /// <summary>
    /// Where the clock is a script, its newest instant is now. Elsewhere it is now indeed: a price that nobody renewed
    /// is as old as it is, though nothing was recorded since.
    /// </summary>
    private Instant Now(TreasuryView view)
    {
        var clock = time.GetUtcNow().UtcDateTime;
        return view.Treasury.Head.ReplayedClock
            ? view.KnownAt
            : Instant.Latest(
                view.KnownAt, Instant.FromUtc(clock.AddTicks(-(clock.Ticks % TimeSpan.TicksPerMicrosecond))));
    }

    /// <summary>What a read found.</summary>
    /// <exception cref="ProblemException">It found nothing; the problem says why.</exception>
    internal static T Found<T>(ReadOutcome<T> outcome, JournalKey key) => outcome switch
    {
        ReadOutcome<T>.Found found => found.View,
        ReadOutcome<T>.NotOpened => throw ProblemException.Of(
            ErrorRegistry.Of(Core.Commands.RefusalCode.JournalNotOpened).Code,
            $"Nothing was opened under {key.Journal}, or not yet at the known-at instant.",
            ("journal", key.Journal)),
        ReadOutcome<T>.KnownAtInFuture future => throw ProblemException.Of(
            ErrorRegistry.KnownAtInFuture,
            $"The latest instant that can be asked for now is {future.Latest}.",
            ("latest", future.Latest)),
        ReadOutcome<T>.PositionNotReached behind => throw ProblemException.Of(
            ErrorRegistry.PositionNotReached,
            $"The journal stands at position {behind.Position}.",
            ("position", behind.Position)),
        _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}."),
    };
}

/// <summary>How a price in the treasury's currency became one in another.</summary>
/// <param name="Price">The price in the treasury's currency.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Rate">The recorded price of one currency in the other.</param>
/// <param name="RateObservedAt">When it was true.</param>
/// <param name="RatePosition">Its entry in the price book.</param>
/// <param name="RateSource">Who says so.</param>
/// <param name="RateDivides">Whether it is the price of the reporting currency, so that it divides.</param>
public sealed record ConversionRow(
    ExactDecimal Price,
    string Source,
    ExactDecimal Rate,
    Instant RateObservedAt,
    long RatePosition,
    string RateSource,
    bool RateDivides);

/// <summary>A price that valued something.</summary>
/// <param name="Price">Currency per whole token.</param>
/// <param name="ObservedAt">When it was true.</param>
/// <param name="AgeSeconds">How old it was when it was used, in whole seconds.</param>
/// <param name="Position">Its entry in the price book; 0 if it is par by definition.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Quality">How much a figure may rest on it.</param>
/// <param name="Conversion">In another currency than the treasury's: how it was converted.</param>
public sealed record PriceRow(
    ExactDecimal Price,
    Instant ObservedAt,
    long AgeSeconds,
    long Position,
    string Source,
    EvidenceQuality Quality,
    ConversionRow? Conversion = null)
{
    /// <summary>The price as callers see it.</summary>
    public static PriceRow? Of(PriceUsed? price, Instant usedAt) => price is null ? null : new PriceRow(
        price.Price,
        price.ObservedAt,
        (usedAt.Microseconds - price.ObservedAt.Microseconds) / 1_000_000,
        price.Position,
        price.Source,
        price.Quality,
        price.Conversion is not { } by ? null : new ConversionRow(
            by.Price.Price, by.Price.Source, by.Rate.Price, by.Rate.ObservedAt, by.Rate.Position, by.Rate.Source,
            by.IsInverse));
}
