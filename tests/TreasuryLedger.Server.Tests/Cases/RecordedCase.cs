using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using TreasuryLedger.Server.Answers;
using TreasuryLedger.Server.Cases;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Lists;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Tests.Journal;
using Xunit;

namespace TreasuryLedger.Server.Tests.Cases;

/// <summary>Tests of the recorded case share it.</summary>
[CollectionDefinition(Name)]
public sealed class CaseTests : ICollectionFixture<RecordedCase>
{
    /// <summary>Of the collection.</summary>
    public const string Name = "case";
}

/// <summary>The case in a ledger, recorded once, with January and February closed and sealed.</summary>
public sealed class RecordedCase(Databases databases) : IAsyncLifetime
{
    private TestLedger _ledger = null!;

    /// <summary>The case.</summary>
    internal CaseFolder Folder { get; } =
        CaseFolder.Read(Path.Combine(AppContext.BaseDirectory, "cases", "trend-research"));

    /// <summary>Who answers.</summary>
    internal AnswerDesk Desk { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _ledger = new TestLedger(await databases.NewAsync());
        await new CaseRunner(_ledger.Writers.SubmitAsync, _ledger.Reader).RunAsync(
            Folder, TestLedger.Tenant, "tester", (_, _) => { }, close: true, CancellationToken.None);
        var where = TenantDatabases.Of(_ledger.Pool);
        Desk = new AnswerDesk(new Lookout(_ledger.Reader, TimeProvider.System), where, new CursorKey(where));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _ledger.DisposeAsync();

    /// <summary>A question to a treasury of the case.</summary>
    internal Asking Ask(string treasury, params IEnumerable<(string Name, string Value)> parameters) => new(
        Desk, JournalKey.Treasury(TestLedger.Tenant, treasury), "",
        new QueryReader(new QueryCollection(parameters.Where(pair => pair.Name.Length > 0)
            .ToDictionary(pair => pair.Name, pair => new StringValues(pair.Value), StringComparer.Ordinal))),
        ListFormat.Json);

    /// <summary>An answer as callers get it.</summary>
    internal async Task<JsonElement> AnswerAsync(
        string treasury, string verb, params IEnumerable<(string Name, string Value)> parameters)
    {
        var route = AnswerRoute.All.Single(one => one.Verb == verb);
        var pending = await route.AskInFormAsync(Ask(treasury, parameters), CancellationToken.None);
        return JsonSerializer.SerializeToElement(
            await pending.MakeAsync(CancellationToken.None), route.Answer, Wire.Options);
    }
}
