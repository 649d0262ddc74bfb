using TreasuryLedger.Core.Commands;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using TreasuryLedger.Server.Platform.Keys;
using TreasuryLedger.Server.Platform.OpenApi;

namespace TreasuryLedger.Server.Loans;

/// <summary>The route that takes logs of an Aave pool.</summary>
public static class AaveImportRoute
{
    private const string Path = "aave-imports";

    private static readonly ProblemSet Problems = new(
        "AaveImport",
        [
            ErrorRegistry.JsonMalformed, ErrorRegistry.MemberUnknown, ErrorRegistry.MemberDuplicate,
            ErrorRegistry.MemberMissing, ErrorRegistry.ValueInvalid, ErrorRegistry.RequestTooSlow,
            ErrorRegistry.BodyTooLarge, ErrorRegistry.ContentTypeUnsupported, ErrorRegistry.ClockBehind,
            ErrorRegistry.NotRecorded, ErrorRegistry.OutcomeUnknown,
            .. Enum.GetValues<RefusalCode>().Select(code => ErrorRegistry.Of(code).Code),
        ]);

    /// <summary>Maps it.</summary>
    public static void Map(IEndpointRouteBuilder app) => app.MapPost(
        JournalAddress.Of(JournalKind.Treasury, Path),
        async (HttpContext http, IServiceProvider services) =>
        {
            var given = JsonBody.Read<AaveImportRequest>(await Http.ReadJsonAsync(http.Request, Http.BatchBytesMax));
            var caller = Caller.Of(http);
            try
            {
                var done = await AaveImporter.ImportAsync(
                    services, JournalAddress.KeyOf(http, JournalKind.Treasury, caller.Tenant),
                    caller.Actor, given, caller.Grant.Check, http.RequestAborted);
                await Http.AnswerAsync(http, done);
            }
            catch (AaveImportException wrong)
            {
                throw ProblemException.Of(ErrorRegistry.ValueInvalid, wrong.Message, ("path", "$.logs"));
            }
        }).Documented(
            new OperationText(
                "importAave",
                WriteDocumentation.TagOf(JournalKind.Treasury),
                "Record what the logs of an Aave pool say of a lending position",
                "Supplies, withdrawals, borrowings, repayments, liquidations, deficits, handed-over supply, efficiency "
                + "modes and collateral become entries of the treasury, reserve updates entries of its market book. "
                + "Each log is a fact, so a second import adds nothing; what stands of a block that left the chain is "
                + "voided. Entries are recorded one after the other: what came before a refusal stands, and the next "
                + "import finds it.")
            {
                Parameters = [WriteDocumentation.JournalParameter(JournalKind.Treasury)],
                Answers = [(200, "What was recorded and found.", typeof(AaveImported))],
                Examples =
                [
                    new Example("a supply", """
                        {
                          "terms": {
                            "chainId": 1,
                            "pool": "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2",
                            "user": "0x0000000000000000000000000000000000000001",
                            "position": "aave-2",
                            "market": "aave-v3-ethereum",
                            "accounts": { "0x0000000000000000000000000000000000000001": "wallet" }
                          },
                          "logs": []
                        }
                        """),
                ],
                Problems = Problems,
            },
            typeof(AaveImportRequest));
}
