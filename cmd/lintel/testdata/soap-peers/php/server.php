<?php // SPDX-License-Identifier: Apache-2.0
// The policies of an old host: rpc/encoded, as PHP's SoapServer speaks it.
class Policies
{
    public function GetPolicy($id)
    {
        if ($id === 'P-0404') {
            throw new SoapFault('Client', 'no policy');
        }
        if ($id === 'P-0500') {
            throw new SoapFault('Server', 'out of order');
        }
        return ['ID' => $id, 'Premium' => '12.50', 'Holder' => $id === 'P-0002' ? null : 'Anna & Bob', 'Covers' => $id === 'P-0003' ? [] : ['fire']];
    }

    public function SumPremiums($policies)
    {
        $sum = 0;
        foreach ($policies as $p) {
            $sum += $p->Premium;
        }
        return $sum;
    }
}
ini_set('soap.wsdl_cache_enabled', '0');
$server = new SoapServer(__DIR__ . '/policies.wsdl');
$server->setClass('Policies');
$server->handle();
