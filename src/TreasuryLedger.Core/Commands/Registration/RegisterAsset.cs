using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

namespace TreasuryLedger.Core.Commands;

/// <summary>Registers an asset.</summary>
public sealed record RegisterAsset : Command
{
    private const int DecimalsMax = 36;

    /// <summary>Its id, new in the treasury.</summary>
    public required AssetId Asset { get; init; }

    /// <summary>Token, stablecoin or money. The reporting currency must be money.</summary>
    public required AssetKind Kind { get; init; }

    /// <summary>Digits between a token and its smallest unit, 0 to 36 (inclusive).</summary>
    public required int Decimals { get; init; }

    /// <summary>The chain, if it lives on one; an id.</summary>
    public string? Chain { get; init; }

    /// <summary>Its contract there, if it has one; a reference.</summary>
    public string? Contract { get; init; }

    /// <summary>For a stablecoin only: the registered currency it is meant to be worth.</summary>
    public AssetId? ParCurrency { get; init; }

    /// <summary>The registered asset that it wraps or is a receipt for; neither may be money.</summary>
    public StandIn? StandsFor { get; init; }

    internal override Decision Decide(TreasuryState state)
    {
        var check = new Checks(state);
        check.Term(Chain is null || IdText.IsId(Chain), "chain", Texts.IdExpected);
        check.Term(Contract is null || IdText.IsReference(Contract), "contract", Texts.ReferenceExpected);
        check.Number(new ExactDecimal(Decimals, 0), "decimals", Decimals is >= 0 and <= DecimalsMax, "0 to 36");
        CheckKind(check, state.Registers);
        if (ParCurrency is { } currency)
        {
            check.Currency(currency);
        }

        if (StandsFor is { } standIn)
        {
            check.Different(Asset, standIn.Asset);
            check.Asset(standIn.Asset);
            check.That(
                check.First is not null || state.Registers.Assets[standIn.Asset].Kind != AssetKind.Currency,
                () => KindWrong($"Nothing stands for money; {standIn.Asset} is a currency."));
        }

        check.That(!state.Registers.Assets.ContainsKey(Asset), () =>
        {
            var position = state.Assets[Asset].By;
            return Refusal.Of(
                RefusalCode.AssetAlreadyRegistered,
                $"Asset {Asset} is registered by entry {position}; correct that one if its terms are wrong.",
                ("asset", Asset),
                ("entry", position));
        });
        return check.Accept(new AssetRegistered(Asset, Kind, Decimals, Chain, Contract, ParCurrency, StandsFor));
    }

    private void CheckKind(Checks check, Registers registers)
    {
        check.That(
            Asset != registers.Treasury!.ReportingCurrency || Kind == AssetKind.Currency,
            () => KindWrong($"{Asset} is the reporting currency of this treasury, so it must be a currency."));
        check.That(
            ParCurrency is null || Kind == AssetKind.Stablecoin,
            () => KindWrong($"Only a stablecoin is meant to be worth a currency; {Asset} is of kind {Kind}."));
        check.That(
            StandsFor is null || Kind != AssetKind.Currency,
            () => KindWrong($"Money stands for nothing else; {Asset} is a currency."));
    }

    private Refusal KindWrong(string message) =>
        Refusal.Of(RefusalCode.AssetKindWrong, message, ("asset", Asset), ("kind", Kind));
}
