using System.Collections.Immutable;
using System.Text.Json;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Facts;

/// <summary>How what a source tells is read.</summary>
public enum SourceKind
{
    /// <summary>Rows of a file are commands by a mapping of columns.</summary>
    Mapped,

    /// <summary>Each line is a command as the wire has it, with its name in <c>command</c>.</summary>
    Commands,

    /// <summary>Binance: trades, deposits, withdrawals, transfers of sub-accounts, as API answers or files.</summary>
    Binance,

    /// <summary>Fireblocks: messages of its webhooks, or lists of transactions.</summary>
    Fireblocks,
}

/// <summary>
/// Who is who at a source, and how what it tells becomes commands. A new registration replaces the one before and
/// leaves it readable; payloads can be run again under it.
/// </summary>
/// <param name="Kind">How it is read.</param>
/// <param name="Accounts">Accounts of the treasury by the source's own names for them.</param>
/// <param name="Assets">Assets of the treasury by the source's names; one that is not here has its own name.</param>
/// <param name="Mapping">For mapped files: which columns become which members.</param>
/// <param name="ToldElsewhere">
/// Accounts whose own sources tell what leaves them and what arrives: units sent there are in transit until they do,
/// and what comes from there is an arrival.
/// </param>
/// <param name="Keys">For messages: the sender's JSON Web Key Set. Keys that are not in it sign nothing.</param>
/// <param name="LegacyKey">For messages with the older signature: the sender's public key in PEM.</param>
/// <param name="MessageHours">For how long a message is believed after it was made; without it 72.</param>
public sealed record SourceTerms(
    SourceKind Kind,
    ImmutableSortedDictionary<string, string>? Accounts = null,
    ImmutableSortedDictionary<string, string>? Assets = null,
    FileMapping? Mapping = null,
    ImmutableArray<AccountId>? ToldElsewhere = null,
    JsonElement? Keys = null,
    string? LegacyKey = null,
    int? MessageHours = null)
{
    /// <summary>For how long a message is believed if the terms do not say.</summary>
    public const int MessageHoursUnsaid = 72;

    private const int MessageHoursMax = 20 * 366 * 24;

    /// <summary>The account to which an address belongs, however its letters are written.</summary>
    public AccountId? AddressOf(string address) => AccountOf(address)
        ?? (Accounts?.Keys.FirstOrDefault(name => FactNames.Plain(name) == FactNames.Plain(address)) is { } name
            ? AccountOf(name)
            : null);

    /// <summary>Whether another source tells what leaves and reaches an account.</summary>
    public bool IsToldElsewhere(AccountId account) => ToldElsewhere?.Contains(account) is true;

    /// <summary>The account that a name of the source stands for.</summary>
    public AccountId? AccountOf(string name) =>
        Accounts?.GetValueOrDefault(name) is { } ours && AccountId.TryParse(ours, out var account) ? account : null;

    /// <summary>The asset that a name of the source stands for; the name itself if nothing else is said.</summary>
    public AssetId? AssetOf(string name) =>
        AssetId.TryParse(Assets?.GetValueOrDefault(name) ?? name, out var asset) ? asset : null;

    /// <summary>Refuses terms that no payload could be read by.</summary>
    /// <exception cref="ProblemException">See there.</exception>
    public void Check()
    {
        foreach (var (theirs, ours) in Accounts ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            Require(AccountId.TryParse(ours, out _), $"$.accounts.{theirs}", AccountId.Expected);
        }

        foreach (var (theirs, ours) in Assets ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            Require(AssetId.TryParse(ours, out _), $"$.assets.{theirs}", AssetId.Expected);
        }

        Require(MessageHours is null or (>= 1 and <= MessageHoursMax), "$.messageHours", $"1 to {MessageHoursMax}");
        FireblocksSignature.Check(this);
        Require(Mapping is null == (Kind != SourceKind.Mapped), "$.mapping", "there for mapped sources and no others");
        if (Mapping is not null)
        {
            RowMapping.Of(this);
        }
    }

    internal static void Require(bool holds, string path, string expected)
    {
        if (!holds)
        {
            throw ProblemException.Of(ErrorRegistry.ValueInvalid, $"{path} must be {expected}.", ("path", path));
        }
    }
}

/// <summary>Which columns of a row become which members of a command.</summary>
/// <param name="Rules">The first that fits a row counts.</param>
/// <param name="Delimiter">Between columns, one character; without it a comma.</param>
public sealed record FileMapping(ImmutableArray<MappingRule> Rules, string? Delimiter = null);

/// <summary>What rows of one kind become.</summary>
/// <param name="Command">
/// The command as the wire has it, with <c>{Column}</c> where a row's value goes; absent: such rows are passed over.
/// </param>
/// <param name="When">Values that columns must have, by column; without it every row fits.</param>
public sealed record MappingRule(JsonElement? Command = null, ImmutableSortedDictionary<string, string>? When = null);

/// <summary>A registered source.</summary>
/// <param name="Source">Its id.</param>
/// <param name="Version">How often it was registered.</param>
/// <param name="Terms">What counts.</param>
/// <param name="MadeBy">Who registered it.</param>
public sealed record RegisteredSource(string Source, long Version, SourceTerms Terms, string MadeBy);
