namespace TreasuryLedger.Server.Tests.Api;

internal sealed partial class DocumentedSchemas
{
    /// <summary>The document of the repository, which another test holds to what the server serves.</summary>
    public static DocumentedSchemas Instance { get; } =
        Of(File.ReadAllText(RepositoryFiles.PathOf("ops/openapi/v1.json")));
}
