namespace TreasuryLedger.Client;

/// <summary>Where commands are recorded and questions asked: a treasury, or one of the books that value it.</summary>
public sealed record Journal
{
    private Journal(string kind, string id) => Path = $"v1/{kind}/{Uri.EscapeDataString(id)}";

    /// <summary>Its address, relative to the server's.</summary>
    internal string Path { get; }

    /// <summary>A treasury.</summary>
    public static Journal Treasury(string id) => new("treasuries", id);

    /// <summary>A price book.</summary>
    public static Journal PriceBook(string id) => new("price-books", id);

    /// <summary>A market book.</summary>
    public static Journal MarketBook(string id) => new("market-books", id);
}
