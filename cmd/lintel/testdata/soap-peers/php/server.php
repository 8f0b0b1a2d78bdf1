<?php // SPDX-License-Identifier: Apache-2.0
// The policies of an old host: rpc/encoded, as PHP's SoapServer speaks it.
class Policies
{
    private $named = false;

    // The header of WS-Security: SoapServer hands it over, and refuses one that must be understood and that nobody takes.
    public function Security($header)
    {
        $t = $header->UsernameToken;
        $digest = base64_encode(sha1(base64_decode($t->Nonce) . $t->Created . 'geheim', true));
        $this->named = $t->Username === 'LINTEL' && $t->Password === $digest;
    }

    private function mustBeNamed()
    {
        if (defined('SECURED') && !$this->named) {
            throw new SoapFault('Client', 'who are you?');
        }
    }

    public function GetPolicy($id)
    {
        $this->mustBeNamed();
        if ($id === 'P-0404') {
            throw new SoapFault('Client', 'no policy');
        }
        if ($id === 'P-0410') {
            throw new SoapFault('Client', 'lapsed', null, ['On' => '2025-12-31'], 'Lapsed');
        }
        if ($id === 'P-0500') {
            throw new SoapFault('Server', 'out of order');
        }
        return ['ID' => $id, 'Premium' => '12.50', 'Holder' => $id === 'P-0002' ? null : 'Anna & Bob', 'Covers' => $id === 'P-0003' ? [] : ['fire']];
    }

    public function StoreScan($content)
    {
        for ($i = 0, $n = strlen($content); $i < $n; $i++) {
            if (ord($content[$i]) !== $i * 31 % 256) {
                return -$i;
            }
        }
        return $n;
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
