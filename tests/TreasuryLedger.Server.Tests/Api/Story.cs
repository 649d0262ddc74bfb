using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;

namespace TreasuryLedger.Server.Tests.Api;

/// <summary>The story that the documentation's examples tell when they are sent in their order.</summary>
public static class Story
{
    /// <summary>A documented request.</summary>
    public sealed record Request(CommandRoute Route, string Address, Example Example);

    /// <summary>Every example of every route, at the documented journals.</summary>
    public static IReadOnlyList<Request> All { get; } =
    [
        .. from route in Routes.Commands
           from kind in route.Journals
           // Notes and corrections are told of the treasury; in books they work alike.
           where route.Journals.Length < 3 || kind == JournalKind.Treasury
           from example in route.Examples
           select new Request(route, AddressOf(kind, route.Path), example),
    ];

    /// <summary>Those of the story.</summary>
    public static IReadOnlyList<Request> Requests { get; } = [.. All.Where(request => !request.Example.IsApart)];

    private static string AddressOf(JournalKind kind, string path) => JournalAddress.Of(kind, path)
        .Replace("{treasury}", "acme", StringComparison.Ordinal)
        .Replace("{book}", kind == JournalKind.PriceBook ? "reference" : "lenders", StringComparison.Ordinal);
}
