using System.Collections.Immutable;
using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Markets.Aave;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Statements;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Answers.Exposure;

/// <summary>A lending position at a point of a series.</summary>
/// <param name="Account">The position.</param>
/// <param name="LoanToValue">Debt for each unit of collateral; absent without figures or collateral.</param>
/// <param name="HealthFactor">Below 1 it may be liquidated; absent without figures or debt.</param>
public sealed record HealthRow(AccountId Account, ExactDecimal? LoanToValue, ExactDecimal? HealthFactor);

/// <summary>Lending positions at one instant.</summary>
/// <param name="AsOf">The instant in the world (inclusive).</param>
/// <param name="Asset">Whose ladder it is; absent if none was named and no position with figures has any.</param>
/// <param name="Price">Its price then; absent if no position with figures has it.</param>
/// <param name="Positions">By account.</param>
/// <param name="Ladder">Highest price first.</param>
public sealed record ExposurePoint(
    Instant AsOf,
    AssetId? Asset,
    ExactDecimal? Price,
    ImmutableArray<HealthRow> Positions,
    ImmutableArray<RungRow> Ladder);

/// <summary>Health factors and the ladder over time.</summary>
/// <param name="Viewpoint">Where the answer stands: its last point.</param>
/// <param name="Version">The version of Aave whose arithmetic counts.</param>
/// <param name="Points">In order.</param>
public sealed record ExposureSeriesAnswer(
    Standpoint Viewpoint, string Version, ImmutableArray<ExposurePoint> Points)
{
    /// <summary>The span of the series.</summary>
    public static ParameterText[] SpanParameters =>
        [.. SeriesAnswer.Parameters.Where(parameter => parameter.Name is "from" or "step")];

    /// <summary>The question.</summary>
    public static Func<SeenExposure, ExposureSeriesAnswer> Read(QueryReader query)
    {
        var asset = query.Value<AssetId>("asset");
        var from = query.Value<AsOf>("from");
        var step = query.Word<SeriesStep>("step") ?? SeriesStep.Day;
        return exposure =>
        {
            var seen = exposure.Seen;
            return new ExposureSeriesAnswer(
                seen.Standpoint,
                exposure.Version.Text(),
                [
                    .. SeriesAnswer.Ends(seen.Zone, from?.In(seen.Zone), seen.Standpoint.AsOf, step)
                        .Select(at => Point(seen, exposure.Asked, seen.AsOf(at), asset)),
                ]);
        };
    }

    private static ExposurePoint Point(Seen seen, AaveVersion? version, TreasuryAt at, AssetId? asked)
    {
        var accounts = SeenExposure.AccountsOf(seen, version, at);
        var asset = asked ?? SeenExposure.LargestOf(accounts);
        var id = asset is { } one ? accounts.ReserveOf(one) : -1;
        var price = accounts.Whole.SelectMany(account => account.Value.Reserves)
            .FirstOrDefault(reserve => reserve.Id == id)?.Price8;
        return new ExposurePoint(
            at.Viewpoint.AsOf,
            asset,
            price is { } price8 ? Shown.Price(price8) : null,
            [
                .. accounts.All.Select(position => position.Account is { } account
                    ? Row(position.Id, AccountData.Of(account))
                    : new HealthRow(position.Id, null, null)),
            ],
            id < 0
                ? []
                : [
                    .. LadderAnswer.Rows(
                        AaveLadder.Of(accounts.Whole, id),
                        units => new Quantity(units).ToTokens(at.Registers.DecimalsOf(asset!.Value))),
                ]);
    }

    private static HealthRow Row(AccountId id, AccountData data) =>
        new(id, Shown.LoanToValue(data), Shown.Wad(data.HealthFactor));
}
