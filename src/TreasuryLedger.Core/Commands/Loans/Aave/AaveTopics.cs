namespace TreasuryLedger.Core.Commands;

/// <summary>
/// The first topics of the logs that are read: keccak-256 of the event's signature, pinned here because nothing else in
/// the ledger hashes that way.
/// </summary>
public static class AaveTopics
{
    /// <summary><c>Supply(address,address,address,uint256,uint16)</c> of the pool.</summary>
    public const string Supply = "0x2b627736bca15cd5381dcf80b0bf11fd197d01a037c52b927a881a10fb73ba61";

    /// <summary><c>Withdraw(address,address,address,uint256)</c> of the pool.</summary>
    public const string Withdraw = "0x3115d1449a7b732c986cba18244e897a450f61e1bb8d589cd2e69e6c8924f9f7";

    /// <summary><c>Borrow(address,address,address,uint256,uint8,uint256,uint16)</c> of the pool.</summary>
    public const string Borrow = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0";

    /// <summary><c>Repay(address,address,address,uint256,bool)</c> of the pool.</summary>
    public const string Repay = "0xa534c8dbe71f871f9f3530e97a74601fea17b426cae02e1c5aee42c96c784051";

    /// <summary><c>LiquidationCall(address,address,address,uint256,uint256,address,bool)</c> of the pool.</summary>
    public const string LiquidationCall = "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286";

    /// <summary><c>ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)</c> of the pool.</summary>
    public const string ReserveDataUpdated = "0x804c9b842b2748a22bb64b345453a3de7ca54a6ca45ce00d415894979e22897a";

    /// <summary><c>UserEModeSet(address,uint8)</c> of the pool.</summary>
    public const string UserEModeSet = "0xd728da875fc88944cbf17638bcbe4af0eedaef63becd1d1c57cc097eb4608d84";

    /// <summary><c>DeficitCreated(address,address,uint256)</c> of the pool.</summary>
    public const string DeficitCreated = "0x2bccfb3fad376d59d7accf970515eb77b2f27b082c90ed0fb15583dd5a942699";

    /// <summary><c>ReserveUsedAsCollateralEnabled(address,address)</c> of the pool.</summary>
    public const string CollateralEnabled = "0x00058a56ea94653cdf4f152d227ace22d4c00ad99e2a43f58cb7d9e3feb295f2";

    /// <summary><c>ReserveUsedAsCollateralDisabled(address,address)</c> of the pool.</summary>
    public const string CollateralDisabled = "0x44c58d81365b66dd4b1a7f36c25aa97b8c71c361ee4937adc1a00000227db5dd";

    /// <summary><c>BalanceTransfer(address,address,uint256,uint256)</c>; its value is scaled.</summary>
    public const string BalanceTransfer = "0x4beccb90f994c31aced7a23b5611020728a23d8ec5cddd1a3e9d97b96fda8666";
}
