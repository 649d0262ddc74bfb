using TreasuryLedger.Core.Exposure.Aave;
using TreasuryLedger.Core.Markets.Aave;

namespace TreasuryLedger.Core.Tests.Exposure.Aave;

/// <summary>The examples of Exposure/SPEC.md, read from the file and executed.</summary>
public sealed class AaveSpecTests
{
    public static TheoryData<string> DataRows() => Rows("Examples: account data");

    public static TheoryData<string> CallRows() => Rows("Examples: one call for all of the debt");

    [Theory]
    [MemberData(nameof(DataRows))]
    public void each_example_of_account_data_holds(string row)
    {
        var cells = row.Split('|');
        var data = AccountData.Of(AaveSample.Account(cells[0], cells[1], cells[4], cells[3], cells[2]));

        AaveSample.HealthFactor(data).ShouldBe(cells[5]);
        AaveSample.Tokens(data.AvailableBorrows, 8).ShouldBe(cells[6]);
    }

    [Theory]
    [MemberData(nameof(CallRows))]
    public void each_example_of_a_call_holds(string row)
    {
        var cells = row.Split('|');
        var account = AaveSample.Account(cells[1], cells[2], cells[4], cells[3]) with
        {
            Version = AaveVersions.Parse(cells[0]),
        };

        Told(account).ShouldBe(cells[5..]);
    }

    private static string[] Told(AaveAccount account)
    {
        try
        {
            var done = AaveSample.LiquidateAll(account);
            return
            [
                AaveSample.Tokens(done.DebtCovered, 6),
                AaveSample.Tokens(done.CollateralReceived, 18),
                AaveSample.Tokens(done.ProtocolFee, 18),
                AaveSample.HealthFactor(AccountData.Of(done.After)),
            ];
        }
        catch (AaveRevertException reverted)
        {
            return [reverted.Message, "–", "–", "–"];
        }
    }

    private static TheoryData<string> Rows(string heading) =>
        [.. AaveSample.Table(heading).Select(cells => string.Join('|', cells))];
}
