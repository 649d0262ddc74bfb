using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Prices;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Tests.Lots;
using TreasuryLedger.Core.Time;

namespace TreasuryLedger.Core.Tests.Measurement;

/// <summary>Says in the words of a specification what a book measures.</summary>
internal sealed class SpecMeasurement
{
    private readonly FairValueReport _report;

    public SpecMeasurement(SpecCase found)
    {
        var choice = found.Journal.Entries.Any(entry => entry.Event is TermsAdopted)
            ? new BookChoice(SpecCase.Book)
            : null;
        var first = found.Journal.Entries.First(entry => !Movements.Held(entry.Event).IsEmpty).EffectiveAt;
        var periods = CalendarPeriods.Of(PeriodKind.Month, "01-01", SpecVerbs.Zone, first, found.Viewpoint.AsOf)
            .Select(period => period with
            {
                Until = period.Until > found.Viewpoint.AsOf ? found.Viewpoint.AsOf.Plus(1) : period.Until,
            })
            .ToList();
        _report = FairValueReport.Of(
            At(found.Viewpoint), asOf => At(found.Viewpoint with { AsOf = asOf }).State, null, periods, 2);

        TreasuryAt At(Viewpoint viewpoint) =>
            TreasuryAt.Of(found.Journal.Entries, found.Journal.Prices, [], viewpoint, choice);
    }

    public string Say(string expected) => expected.Split(' ') switch
    {
        ["carried", var asset, ..] => $"carried {asset} {Carried(asset)}",
        ["fair", var period, var asset, ..] => $"fair {period} {asset} | {Row(period, asset)}",
        ["reconciled", ..] => $"reconciled {Lines()} | realized {_report.RealizedGain}",
        _ => throw new FormatException($"Nothing is measured as: {expected}"),
    };

    private string Carried(string asset)
    {
        var held = _report.Holdings.Single(one => one.Asset.ToString() == asset);
        return $"{TestJournal.Tokens(held.Asset, held.Measured)} of {TestJournal.Tokens(held.Asset, held.Quantity)}"
            + $" at fair value {Text(held.FairValue)}" + (held.State == PriceState.Valid ? "" : $" {Word(held.State)}")
            + $" | at cost {held.AtCost} | cost {held.Cost}";
    }

    private string Row(string period, string asset)
    {
        var row = _report.Rows.Single(one => one.Period.Name == period && one.Asset.ToString() == asset);
        if (row.ClosingCarried is not null && row.OpeningCarried is not null)
        {
            row.Rounding.ShouldBe(Amount.Zero);
        }

        return $"opening {Text(row.OpeningCarried)} | additions {row.Additions} | disposals {row.Disposals}"
            + $" | realized {row.RealizedGain} | remeasured {Text(row.Remeasurement)}"
            + (row.Adoption.IsZero ? "" : $" | adoption {row.Adoption}")
            + (row.Converted.IsZero ? "" : $" | converted {row.Converted}")
            + (row.Rematched.IsZero ? "" : $" | rematched {row.Rematched}")
            + $" | closing {Text(row.ClosingCarried)}";
    }

    private string Lines()
    {
        if (_report.Reconciled is { } sum)
        {
            sum.ShouldBe(_report.RealizedGain);
        }

        return string.Join(", ", _report.Lines.Select(line =>
            $"{Word(line.Kind)} {(line.Period is { } period ? period.Name + " " : "")}{line.Asset} "
            + Text(line.Amount)));
    }

    private static string Text(Amount? amount) => amount?.ToString() ?? "?";

    private static string Word<T>(T word)
        where T : struct, Enum =>
        JsonNamingPolicy.CamelCase.ConvertName(word.ToString());
}
