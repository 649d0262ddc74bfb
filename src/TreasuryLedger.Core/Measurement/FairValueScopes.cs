using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Measurement;

/// <summary>Which units a book measures at fair value (SPEC 1).</summary>
/// <param name="registers">The accounts and assets.</param>
/// <param name="terms">The terms; absent: nothing is.</param>
internal sealed class FairValueScopes(Registers registers, FairValueTerms? terms)
{
    private readonly Dictionary<AssetId, bool> _assets = [];

    /// <summary>Whether units of an asset at an account are; what is in transit is at none.</summary>
    public bool Has(AccountId account, AssetId asset)
    {
        if (terms is null
            || (terms.Pledged == FairValueScope.Out
                && registers.Accounts.TryGetValue(account, out var place)
                && place.Kind == AccountKind.LendingPosition))
        {
            return false;
        }

        return _assets.TryGetValue(asset, out var known) ? known : _assets[asset] = Of(asset) == FairValueScope.In;
    }

    private FairValueScope Of(AssetId asset)
    {
        if (terms!.Named(asset) is { } named)
        {
            return named;
        }

        var registered = registers.Assets[asset];
        return registered switch
        {
            { Kind: AssetKind.Currency } => FairValueScope.Out,
            { StandsFor: { } standIn } =>
                (standIn.Kind is StandInKind.Wrapped or StandInKind.Bridged ? terms.Wrapped : terms.Receipts)
                    == FairValueScope.In
                    ? Of(standIn.Asset)
                    : FairValueScope.Out,
            { Kind: AssetKind.Stablecoin } => terms.Stablecoins,
            _ => terms.Tokens,
        };
    }
}
