using Alba;
using Xunit;

namespace TreasuryLedger.Server.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task health_answers_without_a_key()
    {
        await using var host = await AlbaHost.For<Program>();

        await host.Scenario(scenario =>
        {
            scenario.Get.Url("/health");
            scenario.StatusCodeShouldBeOk();
        });
    }
}
